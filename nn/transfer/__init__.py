"""The chapter "transfer": functions applied to elements, and soft maxima."""

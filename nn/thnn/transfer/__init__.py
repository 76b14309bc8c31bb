"""Operations of the chapter "transfer": functions of every element, and soft maxima."""

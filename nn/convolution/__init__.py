"""The chapter "convolution": temporal, spatial and volumetric layers."""

"""Operations of the chapter "convolution": convolutions, poolings, paddings, samplings and tables of words."""

"""Operations of the chapter "simple": linear maps, normalisation of batches, extremes, indices."""

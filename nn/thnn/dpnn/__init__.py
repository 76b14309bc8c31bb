"""Operations of the package dpnn."""

"""Operations of the chapter "criterion": losses and their gradients."""

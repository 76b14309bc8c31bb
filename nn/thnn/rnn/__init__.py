"""Operations of the package rnn: sequences of a recurrent layer, and the gates of single steps."""

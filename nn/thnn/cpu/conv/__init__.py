"""The algorithms of convolution, which :mod:`nn.thnn.convolution.convolution` chooses from."""

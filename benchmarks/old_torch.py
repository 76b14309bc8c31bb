"""Milliseconds of the old Lua Torch (LuaJIT, THNN, OpenBLAS), the best of four thread settings.

Measured once on two AVX-512 cores like those of the other columns, float32; it cannot be installed any more.
"""

# forward, gradient of the input, gradient of the weights
LAYERS = {
    "lenet_c1": (0.453, 0.638, 1.00),
    "lenet_c2": (0.725, 1.01, 1.26),
    "cifar_c0": (7.28, 10.3, 14.0),
    "res16_32": (11.1, 17.4, 12.1),
    "vgg64_32": (38.2, 52.5, 39.5),
    "vgg128_16": (36.2, 44.9, 30.3),
    "vgg256_8": (43.7, 40.0, 26.3),
    "vgg512_4": (65.8, 74.4, 29.4),
    "res64_s2": (21.7, 40.5, 16.4),
    "alex_c1": (63.2, 89.5, 34.3),
    "alex_c2": (93.6, 112.5, 78.8),
    "resnet_c1": (45.3, 76.4, 39.0),
    "conv1x1_56": (14.4, 17.2, 13.2),
    "conv1x1_14": (9.70, 10.9, 10.7),
    "dcgan_up": (46.1, 43.8, 30.6),
    "dcgan_last": (6.67, 7.91, 6.40),
    "linear_256": (0.102, 0.093, 0.094),
    "linear_1024": (1.63, 1.38, 1.29),
    "linear_4096": (25.6, 23.5, 21.2),
    "maxpool2": (5.11, 1.75),
    "maxpool3s2": (5.30, 1.13),
    "avgpool2": (9.71, 11.3),
    "relu_big": (20.0, 21.5),
    "tanh_big": (68.8, 0.775),
    "sigmoid_small": (0.082,),
    "lsm_nll_10": (0.0118, 0.0120),
    "lsm_nll_10k": (3.24, 3.55),
    "temporal": (21.2,),
    "volumetric": (71.2,),
}
OLD_TORCH = {
    (name, part): ms for name, times in LAYERS.items() for part, ms in zip(("forward", "input", "weights"), times)
}
OLD_TORCH |= {
    ("bn_spatial", "forward"): 5.11,
    ("bn_spatial", "backward"): 7.01,
    ("bn_1d", "forward"): 0.961,
    ("bn_1d", "backward"): 1.87,
    ("lookup_10k", "forward"): 0.0387,
    ("lookup_10k", "backward"): 0.0372,
    ("lstm_128", "forward"): 12.7,
    ("lstm_128", "both"): 30.7,
    ("lstm_512", "forward"): 154.5,
    ("lstm_512", "both"): 409.5,
    ("gru_256", "forward"): 39.2,
    ("gru_256", "both"): 93.6,
    ("xor_mlp", "step"): 0.0298,
    ("lenet_step", "step"): 5.5,
}

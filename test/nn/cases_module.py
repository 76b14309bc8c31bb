"""Cases of the chapter "module", and what needs none."""

CASES: list = []
WAIVED = {
    "nn.Module": "the base of all modules",
    "nn.Container": "the base of all containers",
    "nn.Criterion": "the base of all criterions",
    "nn.StochasticGradient": "no module: test/nn/training",
}

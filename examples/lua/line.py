import nn
import optim
import torch7 as torch
from torch7.lualib import arg, print

# a line fitted through noisy points, step by step
cmd = torch.CmdLine()
cmd.option("-rate", 0.1, "learning rate")
cmd.option("-steps", 60, "number of steps")
opt = cmd.parse(arg)
torch.manualSeed(3)

x = torch.view(torch.linspace(-1, 1, 20), 20, 1)
y = x * 3 + 0.5
for i in range(1, y.shape[0] + 1):
    y[i - 1, 0] += torch.normal(0, 0.05)

net = nn.Sequential().add(nn.Linear(1, 1))
criterion = nn.MSECriterion()
params, gradParams = net.getParameters()
history = []


def feval(p):  # loss and gradient
    torch.zero(gradParams)
    out = net.forward(x)
    loss = criterion.forward(out, y)
    net.backward(x, criterion.backward(out, y))
    return loss, gradParams


for step in range(1, opt["steps"] + 1):
    _, losses = optim.sgd(feval, params, {"learningRate": opt["rate"]})
    history.append(losses[0])
    if step % 20 == 0:
        print("step %d loss %.5f" % (step, losses[0]))
print(len(history), history[0] > history[-1])
print(net.get(1).weight)

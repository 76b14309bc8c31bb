import nn
import optim
import torch7 as torch
from torch7.lualib import print, string

# a model of characters: copies of a cell that share weights, back-propagation through time, sampling

text = "the quick brown fox jumps over the lazy dog. " * 3
chars, ids = [], {}
for c in string.gmatch(text, "."):
    if not ids.get(c):
        chars.append(c)
        ids[c] = True
chars.sort()
for i, c in enumerate(chars, 1):
    ids[c] = i
print(len(chars), "".join(chars))

torch.manualSeed(123)
V, H, T = len(chars), 16, 8
data = torch.LongTensor(len(text))
for i in range(1, len(text) + 1):
    data[i - 1] = ids[text[i - 1 : i]]

# the new state from a character and the state before, and the character that follows
cell = (
    nn.Sequential()
    .add(nn.ParallelTable().add(nn.LookupTable(V, H)).add(nn.Linear(H, H)))
    .add(nn.CAddTable())
    .add(nn.Tanh())
)
guess = nn.Sequential().add(nn.Linear(H, V)).add(nn.LogSoftMax())
criterion = nn.ClassNLLCriterion()
params, grads = nn.Sequential().add(cell).add(guess).getParameters()
torch.uniform_(params, -0.1, 0.1)


def copies(net):
    found = []
    for _ in range(1, T + 1):
        found.append(net.clone("weight", "bias", "gradWeight", "gradBias"))
    return found


cells, guesses = copies(cell), copies(guess)

place, first = 1, torch.zeros(1, H)


def step(*_):
    global place
    torch.zero(grads)
    if place + T > data.shape[0]:
        place = 1
        torch.zero(first)
    h, out, loss = {0: first}, [], 0
    for t in range(1, T + 1):
        h[t] = cells[t - 1].forward([torch.narrow(data, 1, place + t - 1, 1), h[t - 1]])
        out.append(guesses[t - 1].forward(h[t]))
        loss += criterion.forward(out[t - 1], torch.narrow(data, 1, place + t, 1))
    dh = torch.zeros(1, H)
    for t in range(T, 0, -1):
        torch.add_(
            dh, guesses[t - 1].backward(h[t], criterion.backward(out[t - 1], torch.narrow(data, 1, place + t, 1)))
        )
        back = cells[t - 1].backward([torch.narrow(data, 1, place + t - 1, 1), h[t - 1]], dh)
        torch.copy(dh, back[1])
    torch.copy(first, h[T])
    place += T
    torch.clamp_(grads, -5, 5)
    return loss / T, grads


state = {"learningRate": 0.02, "alpha": 0.95}
for i in range(1, 91):
    _, losses = optim.rmsprop(step, params, state)
    if i % 30 == 0:
        print("step %d loss %.4f" % (i, losses[0]))

said, h, c = [], torch.zeros(1, H), torch.LongTensor([ids["t"]])
for _ in range(1, 31):
    h = torch.clone(cells[0].forward([c, h]))
    p = torch.exp(guesses[0].forward(h) * 2)
    c = torch.multinomial(torch.view(p, -1), 1)
    said.append(chars[c[0] - 1])
print(f"t{''.join(said)}")

import math

import torch7 as torch
from torch7.lualib import Table, print, rawset, setmetatable

_ = None
# Q-learning in a small grid: classes, closures, metatables
torch.manualSeed(3)


@torch.class_("Grid")
class Grid:
    def __init__(self, w, h):
        self.w, self.h = w, h
        self.walls = {}
        self.reset()

    def key(self, x, y):
        return f"{x:.14g},{y:.14g}"

    def wall(self, x, y):
        self.walls[self.key(x, y)] = True
        return self

    def reset(self):
        self.x, self.y = 1, 1
        return self

    def step(self, a):
        moves = {"up": [0, -1], "down": [0, 1], "left": [-1, 0], "right": [1, 0]}
        dx, dy = moves[a]
        nx, ny = max(1, min(self.w, self.x + dx)), max(1, min(self.h, self.y + dy))
        if not self.walls.get(self.key(nx, ny)):
            self.x, self.y = nx, ny
        done = self.x == self.w and self.y == self.h
        return self.key(self.x, self.y), 1 if done else -0.01, done

    def __tostring__(self):
        rows = []
        for y in range(1, math.floor(self.h) + 1):
            row = ""
            for x in range(1, math.floor(self.w) + 1):
                if x == self.x and y == self.y:
                    row = f"{row}@"
                elif self.walls.get(self.key(x, y)):
                    row = f"{row}#"
                else:
                    row = f"{row}."
            rows.append(row)
        return "\n".join(rows)

    __repr__ = __tostring__


g = Grid(4, 3).wall(2, 1).wall(2, 2)
print(g)
actions = ["up", "down", "left", "right"]


def __index(t, k):
    row = {}
    for a in actions:
        row[a] = 0
    rawset(t, k, row)
    return row


Q = setmetatable(Table(), Table(__index=__index))


def best(s):
    arg_ = val = None
    for a in actions:
        if val is None or Q[s][a] > val:
            arg_, val = a, Q[s][a]
    return arg_, val


lengths = []
for _2 in range(1, 61):
    g.reset()
    s, steps = g.key(g.x, g.y), 0
    while True:
        a = actions[torch.random(len(actions)) - 1] if torch.uniform() < 0.2 else best(s)[0]
        s2, r, done = g.step(a)
        target = r + (0 if done else 0.95 * best(s2)[1])
        Q[s][a] += 0.5 * (target - Q[s][a])
        s, steps = s2, steps + 1
        if done or steps >= 100:
            break
    lengths.append(steps)
print(torch.mean(torch.narrow(torch.Tensor(lengths), 1, 51, 10)))
g.reset()
path, s = [], "1,1"
while True:
    a = best(s)[0]
    done = None
    path.append(a[:1].upper())
    s, _, done = g.step(a)
    if done or len(path) > 20:
        break
print("".join(path), "%.4f" % (Q["1,1"]["down"],))
print(torch.typename(g), torch.isTypeOf(g, "Grid"))

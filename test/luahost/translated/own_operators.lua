-- covers: classes in a table of one's own, operators of classes, inherited tostring, chains of and/or, absent packages
require 'nn'
own = {}
local Base = torch.class('own.Base')
function Base:__init(n) self.n = n or 0 end
function Base:__tostring__() return torch.type(self) .. '(' .. self.n .. ')' end
local Child, parent = torch.class('own.Child', 'own.Base')
function Child:__init(n, extra)
  parent.__init(self, n)
  self.extra = extra
end
print(tostring(Base(2)), tostring(own.Child(3)), own.Child(1, 'x').extra, rawget(Child(1), 'n'), rawget(Child(1), 'm'))
local Counter = torch.class('Counter')
function Counter:__init(start) self.n = start or 0 end
function Counter.__add(a, b) return Counter((type(a) == 'number' and a or a.n) + (type(b) == 'number' and b or b.n)) end
function Counter.__eq(a, b) return a.n == b.n end
function Counter.__lt(a, b) return a.n < b.n end
function Counter.__div(a, b) return Counter(a.n / b) end
function Counter.__unm(a) return Counter(-a.n) end
function Counter:__call(by)
  self.n = self.n + (by or 1)
  return self.n
end
local c = Counter(4)
print((c + Counter(2)).n, (c + 5).n, (5 + c).n, (c / 2).n, (-c).n, c == Counter(4), c == Counter(5), c ~= Counter(4), c < Counter(9), c(), c(10))
local seen = {[c] = 'kept'}
print(seen[c], tostring(c) == 'Counter')
local function grade(x) return x > 0.5 and 'high' or x < -0.5 and 'low' or 'middle' end
print(grade(1), grade(-1), grade(0), (nil or false) or 'last', nn.NoSuchLayer == nil, nn.NoSuchLayer and 1 or 2)
print(torch.Tensor.__typename, package.loaded.nn ~= nil, package.loaded.nothing == nil)

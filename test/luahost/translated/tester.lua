require 'nn'
local mytester = torch.Tester()
local tests = torch.TestSuite()
local precision = 1e-5
function tests.linear()
  local m = nn.Linear(3, 2)
  local x = torch.ones(4, 3)
  local y = m:forward(x)
  mytester:eq(y:size(1), 4, 'rows')
  mytester:assertTensorEq(y, (x * m.weight:t()) + m.bias:view(1, 2):expand(4, 2), precision, 'values')
end
function tests.errors()
  mytester:assertError(function() error('x') end)
  mytester:asserteq(1 + 1, 2, 'sum')
  mytester:assertlt(1, 2)
  mytester:assertTableEq({1, {2, 3}}, {1, {2, 3}})
end
mytester:add(tests)
mytester:disable('errors')
math.randomseed(1)
local Foo = torch.class('Foo')
function Foo:__init(a) self.a = a end
function Foo:__add(o) return Foo(self.a + o.a) end
function Foo.__eq(p, q) return p.a == q.a end
function Foo:bar(...)
  local n = select('#', ...)
  if n == 0 then return self.a end
  local args = {...}
  local total = self.a
  for _, v in ipairs(args) do total = total + v end
  return total, n
end
local f = Foo(3)
print(f:bar(), f:bar(1, 2))
print(torch.type(f), torch.isTypeOf(f, 'Foo'))
local Bar, super = torch.class('Bar', 'Foo')
function Bar:__init(a, b)
  super.__init(self, a)
  self.b = b or 10
end
function Bar:bar(...)
  local t, n = super.bar(self, ...)
  return t * self.b, n
end
local b = Bar(2)
print(b:bar(), b:bar(1, 1), b.b, Bar(1, 2).b)
print(torch.isTypeOf(b, 'Foo'), torch.typename(b))
local objs = {}
for i = 1, 3 do table.insert(objs, i % 2 == 0 and Foo(i) or Bar(i, i)) end
local s = 0
for _, o in ipairs(objs) do s = s + o:bar() end
print(s)
-- copying
local function deepcopy(o, seen)
  seen = seen or {}
  if type(o) ~= 'table' then return o end
  if seen[o] then return seen[o] end
  local c = {}
  seen[o] = c
  for k, v in pairs(o) do c[deepcopy(k, seen)] = deepcopy(v, seen) end
  return c
end
local orig = {a = 1, list = {1, 2, {x = 5}}}
orig.me = orig
local cp = deepcopy(orig)
cp.list[3].x = 6
print(orig.list[3].x, cp.list[3].x, cp.me == cp, cp.me ~= orig)
local ok, err = pcall(function() local t = {} ; t.x.y = 1 end)
print(ok, err ~= nil)
local r = {pcall(function() return 1, 2, 3 end)}
print(#r, r[1], r[4])
if not pcall(require, 'nothing_here') then print('no module') end
local env = {count = 0}
env.inc = function(by) env.count = env.count + (by or 1) return env end
env.inc().inc(5)
print(env.count)
goto_like = 5
print(goto_like, _G.goto_like == nil)

-- torch.class: criterions, containers, patches of the library's classes, packages that are tables
require 'nn'
local C, parent = torch.class('nn.MyCrit', 'nn.Criterion')
function C:__init() parent.__init(self) self.w = 2 end
function C:updateOutput(i, t) self.output = (i - t):abs():sum() return self.output end
function C:updateGradInput(i, t) self.gradInput = (i - t):sign() return self.gradInput end
local c = nn.MyCrit()
print(c:forward(torch.ones(2), torch.zeros(2)), c:backward(torch.ones(2), torch.zeros(2))[1], c(torch.ones(2), torch.zeros(2)))
local D, dp = torch.class('nn.MyCont', 'nn.Container')
function D:__init() dp.__init(self) self.modules = {} self:add(nn.Linear(2,2)) self:add(nn.Tanh()) end
function D:updateOutput(i) self.output = i for k, m in ipairs(self.modules) do self.output = m:updateOutput(self.output) end return self.output end
function D:updateGradInput(i, g) return g end
local d = nn.MyCont()
print(#d.modules, d:forward(torch.ones(2)):size(1), #d:parameters(), d:getParameters():nElement())
d:training() d:evaluate() print(d.train) d:float() print(d:get(1).weight:type())
local e = d:clone() print(torch.type(e), #e.modules, e.modules[1] ~= d.modules[1])
print(select('#', nn.Linear(1,1):parameters()))
local F, fp = torch.class('nn.F2', 'nn.Sequential')
function F:__init(n) fp.__init(self) self:add(nn.Linear(n, n)) self.n = n end
function F:updateOutput(i) return fp.updateOutput(self, i) end
local f = nn.F2(3) print(f:forward(torch.ones(3)):size(1), f.n, #f)
print(tostring(f):match('nn.F2'), tostring(f):sub(1, 20))
function nn.Linear:extra() return self.weight:size(1) end print(f:get(1):extra())
local ok, err = pcall(function() nn.F2() end) print(ok)
print(nn.Module.__init ~= nil, nn.Linear.__typename, torch.getmetatable('nn.Linear').updateOutput ~= nil, torch.typename(nn.Linear(1,1)))
local G = torch.class('nn.Linear2', 'nn.Linear') function G:__init(...) nn.Linear.__init(self, ...) end print(nn.Linear2(2,3).weight:size(1))
local m = setmetatable({}, {__index = torch}) print(m.ones(2):sum())
for k, v in pairs(torch.ones(1):size():totable()) do print(k, v) end
local t = {}
local A = torch.class('A', t)   -- module table
function A:__init(x) self.x = x end
function A:__call__(y) return self.x + y end
function A:__len__() return 3 end
print(t.A ~= nil, A == t.A)
local a = t.A(2)
print(a.x, pcall(function() return a(3) end))

-- Sizes and methods that the host keeps stay right when tensors, objects and classes change.
require 'nn'
local x = torch.ones(2, 3)
local y = x
print(x:size(1), x:size(2), x:size(1))
x:resize(4, 5)
print(x:size(1), y:size(2), y:size():size())
x:set(torch.zeros(7))
print(y:size(1), pcall(x.size, x, 3))
function torch.DoubleTensor:size() return 'mine' end
print(x:size(1))
torch.DoubleTensor.size = nil
local m = nn.Identity()
print(m:forward(5), m:forward(6))
m.forward = function(self, v) return v * 2 end
print(m:forward(5))
m.forward = nil
print(m:forward(7))
local other = nn.Identity()
print(other:forward(1))
function nn.Identity:updateOutput(input) return input + 100 end
print(other:forward(1), m:updateOutput(2))
function nn.Module:greet() return 'hello ' .. torch.type(self) end
print(m:greet(), other:greet())
function nn.Module:greet() return 'again' end
print(m:greet())

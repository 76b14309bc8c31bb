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

-- what Torch's functions do not read they ignore
local m = torch.Tensor{{1, 2}, {3, 4}}
print(m:t(1, 2):sum(1)[1][1], m:clone(1):dim(), m:select(1, 2, 9)[1], m:narrow(2, 1, 1, 5):size(2), m:double(true):size(1))
print(m:transpose(1, 2, 3)[1][2], m:contiguous(1):nElement(), m:resizeAs(torch.ones(4), 1):size(1))
local wide = torch.Tensor()
wide:expandAs(torch.ones(2, 1), torch.ones(2, 3))
print(wide:size(1), wide:size(2))

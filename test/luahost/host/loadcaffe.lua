-- package loadcaffe: a file of one convolution and one linear layer, made here
-- args: $DIR
local ffi = require 'ffi'
local loadcaffe = require 'loadcaffe'
require 'nn'
local function number(n)
   local out = ''
   repeat
      local byte = n % 128
      n = (n - byte) / 128
      out = out .. string.char(n > 0 and byte + 128 or byte)
   until n == 0
   return out
end
local function field(k, v)
   if type(v) == 'number' then return number(k * 8) .. number(v) end
   return number(k * 8 + 2) .. number(#v) .. v
end
local function blob(x)
   local data = x:float():contiguous()
   local shape = ''
   for i = 1, x:dim() do shape = shape .. number(x:size(i)) end
   return field(5, ffi.string(data:data(), 4 * data:nElement())) .. field(7, field(1, shape))
end
local w, m = torch.range(1, 4):resize(2, 1, 1, 2), torch.range(1, 12):resize(3, 4)
local conv = field(1, 'conv') .. field(2, 'Convolution') .. field(3, 'data')
   .. field(7, blob(w)) .. field(7, blob(torch.zeros(2))) .. field(106, field(1, 2) .. field(11, 1) .. field(12, 2))
local ip = field(1, 'fc') .. field(2, 'InnerProduct') .. field(3, 'conv')
   .. field(7, blob(m)) .. field(7, blob(torch.ones(3))) .. field(117, field(1, 3))
local dir = arg[1]
local f = io.open(dir .. '/net.caffemodel', 'wb')
f:write(field(1, 'net'), field(8, field(1, '\1\1\1\3')), field(100, conv), field(100, ip))
f:close()
io.open(dir .. '/net.prototxt', 'w'):close()
local net = loadcaffe.load(dir .. '/net.prototxt', dir .. '/net.caffemodel', 'nn')
print(net, net:get(1).name, net:get(1).weight, net:forward(torch.ones(1, 1, 1, 3)))
print(pcall(loadcaffe.load, 'none', 'none') == false)

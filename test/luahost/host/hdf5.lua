-- packages hdf5 and matio
-- args: $DIR
local hdf5 = require 'hdf5'
local name = paths.concat(arg[1], 'a.h5')
local f = hdf5.open(name, 'w')
f:write('/path/to/data', torch.range(1, 6):resize(2, 3))
f:write('net', {w = torch.FloatTensor{1, 2}, inner = {b = torch.ones(1)}})
local options = hdf5.DataSetOptions()
options:setChunked(2):setDeflate()
f:write('long', torch.LongTensor{7, 8, 9}, options)
f:close()
f = hdf5.open(name, 'r')
print(f:read('/path/to/data'):all(), f:read('/path/to/data'):partial({1, 2}, {2, 3}), f:read('long'):all():type())
local net = f:read('net'):all()
print(net.w:type(), net.inner.b[1], f:all().long[3], f:read('long'):dataspaceSize()[1])
print(pcall(f.read, f, 'none') == false, torch.type(f))
f:close()
local matio = require 'matio'
matio.save(arg[1] .. '/a.mat', {x = torch.ones(2, 2), s = 'text'})
print(matio.load(arg[1] .. '/a.mat').x, matio.load(arg[1] .. '/a.mat', 's'):type(), matio.load(arg[1] .. '/a.mat', 's', true))

-- args: -dir $DIR
-- covers: classes that write and read themselves, empty tables in files, methods by name, storages, sizes, chunks and their globals
require 'nn'
local cmd = torch.CmdLine()
cmd:option('-dir', '.', 'folder')
local opt = cmd:parse(arg)
do
  local Bag = torch.class('Bag')
  function Bag:__init(items) self.items = items or {} self.cache = {} end
  function Bag:add(x) table.insert(self.items, x) return self end
  function Bag:count() return #self.items end
  local Big, parent = torch.class('BigBag', 'Bag')
  function Big:__init(items, size) parent.__init(self, items) self.size = size end
  function Big:add(x) parent.add(self, x) parent.add(self, x) return self end
end
local b = BigBag({torch.ones(2)}, 9)
b:add('x'):add(3)
local path = paths.concat(opt.dir, 'bag.t7')
torch.save(path, {bag = b, again = b, n = nn.Linear(2, 2)})
local back = torch.load(path)
print(torch.type(back.bag), back.bag:count(), back.bag.size, back.bag == back.again)
print(back.bag.items[1], back.bag.items[2], torch.type(back.n))
local net = nn.Sequential():add(nn.Linear(3, 2)):add(nn.ReLU())
net:forward(torch.ones(3))
net:clearState()
print(net.output:dim(), net:get(1).weight:size():totable()[2], torch.Tensor():nElement())
for _, mode in ipairs{'ascii', 'binary'} do
  local f = torch.DiskFile(paths.concat(opt.dir, mode), 'w')
  f[mode](f)
  f:writeInt(3) f:writeDouble(2.5)
  f:close()
  f = torch.DiskFile(paths.concat(opt.dir, mode), 'r')
  f[mode](f)
  print(f:readInt(), f:readDouble())
  f:close()
end
-- what a method fills for its object
local Fill = torch.class('nn.Fill', 'nn.Module')
function Fill:updateOutput(input)
  local out = self.output
  out:resize(input:size(1), 2):fill(input:sum())
  return self.output
end
local fill = nn.Fill()
print(fill:forward(torch.ones(3)):size(1), fill.output:sum(), fill:forward(torch.ones(2)):sum())
local a = nn.Linear(2, 2)
local shared = a:clone('weight')
print(a.weight:storage() == shared.weight:storage(), a.weight:storage() == a.bias:storage())
print(a:clone():reset())
-- files and chunks
local f = io.open(paths.concat(opt.dir, 'conf.lua'), 'w')
f:write("rate = 0.5\nlayers = {4, 2}\nreturn {name = 'net'}")
f:close()
local conf = dofile(paths.concat(opt.dir, 'conf.lua'))
print(conf.name, rate, #layers, loadfile(paths.concat(opt.dir, 'none')) == nil)
steps = 3
print(loadstring('steps = steps + 1 return steps * 2')(), steps, (loadstring('x =')) == nil, _G.steps)
print(('2016-05-17'):match('(%d+)-(%d+)-(%d+)'))

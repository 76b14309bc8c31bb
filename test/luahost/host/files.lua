-- files: classes of the program in them, numbers and text, folders; packages that scripts require
-- args: $DIR
require 'nn'
local dir = arg[1]
local Loader = torch.class('Loader')
function Loader:__init(n) self.n, self.x, self.self = n, torch.range(1, n), self end
function Loader:sum() return self.x:sum() end
local Louder, parent = torch.class('Louder', 'Loader')
function Louder:__init(n) parent.__init(self, n); self.more = true end
function Louder.__tostring__(s) return 'Louder' .. s.n end
local p, q = Loader(3), Louder(2)
print(torch.type(p), torch.typename(q), q, q:sum(), torch.isTypeOf(q, 'Loader'), torch.isTypeOf(p, Louder))
local file = paths.concat(dir, 'p.t7')
torch.save(file, {p = p, again = p, q = q, bytes = '\255\254', f = function(x) return x * p.n end})
local back = torch.load(file)
print(torch.type(back.p), back.p:sum(), back.p.self == back.p, back.again == back.p, tostring(back.q), back.bytes == '\255\254')
print(back.f(2))
local M, above = torch.class('nn.Speaker', 'nn.Module')
function M:__init(names)
  above.__init(self)
  self.index = {}
  for i, name in ipairs(names) do self.index[name] = i end
  self.net = nn.Sequential():add(nn.Linear(2, 2)):add(nn.Tanh())
end
function M:updateOutput(input) self.output = self.net:forward(input) return self.output end
function M:of(name) return self.index[name], #self.net.modules end
local m = nn.Speaker{'a', 'b'}
torch.save(file, {model = m, epoch = 2})
local saved = torch.load(file)
print(torch.type(saved.model), saved.epoch, saved.model:of('b'))
print((saved.model:forward(torch.ones(2)) - m:forward(torch.ones(2))):abs():max())
local name = paths.concat(dir, 'n.bin')
local f = torch.DiskFile(name, 'w'):binary()
f:writeInt(3)
f:writeDouble(2.5)
print(f:writeFloat(torch.FloatStorage{1, 2}), f:position())
f:writeObject{a = '\255'}
f:close()
f = torch.DiskFile(name):binary()
print(f:readInt(), f:readDouble(), f:readFloat(2)[2], f:readObject().a == '\255')
print(pcall(f.readInt, f))
f:quiet()
print(f:readInt(), f:hasError(), f:clearError():hasError())
f:seek(1)
print(f:readInt(), f:position())
f:close()
f = torch.DiskFile(name, 'w')
f:writeInt(torch.IntStorage{1, 2})
f:writeString('line one\n')
f:writeDouble(0.1)
f:close()
f = io.open(name)
print(f:read('*a'))
f:close()
f = torch.PipeFile('echo 3 4; echo end', 'r')
print(f:readInt(), f:readInt(), f:readString('*l'))
f = torch.MemoryFile()
f:writeInt(1)
f:writeInt(2)
f:seek(1)
print(f:readInt(), f:readInt(), f:storage():size())
print(pcall(torch.DiskFile, paths.concat(dir, 'absent'), 'r') == false, select('#', torch.load(file)))
local json = require 'cjson'
print(json.decode(json.encode{1, 2, {a = true}})[3].a, json.encode{x = 'é'}, pcall(json.decode, '{') == false)
print(paths.concat('/a', 'b', '../c'), paths.basename('/a/b.lua', 'lua'), paths.dirname('/a/b'), paths.extname('x.t7'))
local lfs = require 'lfs'
print(lfs.attributes(dir, 'mode'), (lfs.attributes(paths.concat(dir, 'absent'))))
local found = {}
for file in paths.iterfiles(dir) do found[#found + 1] = file end
print(table.concat(found, ' '))
local tablex, class = require 'pl.tablex', require 'pl.class'
print(tablex.size{a = 1, b = 2}, tablex.deepcompare({1, {2}}, {1, {2}}), path.exists(dir) == dir, path.join('a', 'b'))
local Animal = class()
function Animal:_init(name) self.name = name end
local Dog = class(Animal)
function Dog:_init(name) self:super(name) self.kind = 'dog' end
print(Dog('rex').name, Dog('rex').kind, Dog('rex'):is_a(Animal))
print(sys.execute('echo hi'), ('a,b'):split(',')[2], stringx.strip('  x '), #stringx.split('a b  c'))
local csv = require 'csvigo'
csv.save{verbose = false, path = paths.concat(dir, 'x.csv'), data = {{'n', 'v'}, {1, 2.5}, {2, 'x'}}}
print(csv.load{verbose = false, path = paths.concat(dir, 'x.csv'), verbose = false}.v[2], #csv.load{verbose = false, path = paths.concat(dir, 'x.csv'), mode = 'raw'})
print(pcall(require, 'cutorch') == false, require 'math' == math)
local tds = require 'tds'
local vec = tds.Vec{3, 1}
vec:insert(2)
vec:sort()
print(#vec, vec[1], tds.Hash{a = 1}.a)
print(torch.deserialize(torch.serialize(torch.ones(2))):size(1), torch.deserializeFromStorage(torch.serializeToStorage{1, 2})[2])
io.write('parts ')
print('of a line')

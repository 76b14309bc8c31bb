-- packages that scripts require: paths, sys, xlua, lapp, tds, cjson, csvigo, npy4th, argcheck, class, lfs, optnet
-- args: $DIR
local dir = arg[1]
require 'xlua'
require 'sys'
require 'paths'
print(type(paths.home), paths.basename('/a/b.lua', 'lua'), paths.concat('/a', 'b'), paths.extname('x.t7'), paths.mkdir(dir .. '/ü/x'))
for name in paths.iterdirs(dir) do print(name, #name) end
print(sys.COLORS.red == '\27[0;31m', sys.uname() == sys.OS, sys.split('a,b', ',')[2], sys.execute('echo hi'))
print(xlua.formatTime(3725), xlua.require('cjson') == require 'cjson')
local op = xlua.OptionParser('%prog [options]')
op:option{'-n', '--num', action = 'store', dest = 'num', default = 3, help = 'a number'}
op:option{'-v', '--verbose', action = 'store_true', dest = 'verbose'}
local opt, rest = op:parse()
print(opt.num, opt.verbose, #rest == 1 and rest[1] == dir)
local p = xlua.Profiler()
p:start('a')
print(p:lap('a').real >= 0, p:mean('a') >= 0)
print(select(2, xlua.unpack({{b = 2}}, 'f', 'd', {arg = 'a', type = 'number', default = 7}, {arg = 'b', type = 'number'})))
print(pcall(xlua.error, 'bad', 'f'))
local lapp = require 'pl.lapp'
local o = lapp[[
  -l,--layers (default 2) layers
  -q,--quiet
  <where> (string) a folder
]]
print(o.layers, o.quiet, o.where == dir)
-- tables outside of Lua
local tds = require 'tds'
local h = tds.Hash{a = 1, list = {4, 5}}
h.b, h.a = 'x', nil
h[3] = torch.ones(2)
print(#h, h.b, h.a, h.list[2], #h.list, h[3][1], torch.type(h), torch.type(h.list))
local keys = {}
for k in pairs(h) do keys[#keys + 1] = tostring(k) end
table.sort(keys)
print(table.concat(keys, ' '))
local v = tds.Vec(3, 1, 2)
v:insert(9)
v[#v + 1] = 5
v:sort()
print(#v, v[1], v[5], v[6], v:concat(','), v:remove(), #v)
for i, x in ipairs(v) do io.write(i, '=', x, ' ') end
print(tds.Vec{7, 8}[2], tds.Hash())
torch.save(dir .. '/tds.t7', {tds.Vec(1, 'a', tds.Hash{k = 2})})
local kept = torch.load(dir .. '/tds.t7')[1]
print(torch.type(kept), #kept, kept[2], kept[3].k, torch.type(kept[3]))
-- files of others
local cjson = require 'cjson'
print(cjson.encode{1, 2.5, 'ä/b', {x = true}}, cjson.decode('{"a": [1, null, "ü"]}').a[3], #cjson.decode('["ü"]')[1])
print(pcall(cjson.encode, {f = print}))
local csvigo = require 'csvigo'
csvigo.save{path = dir .. '/a.csv', data = {x = {1, 2}, y = {'a', 'b'}}, column_order = {'y', 'x'}, verbose = false}
local q = csvigo.load{path = dir .. '/a.csv', mode = 'query', verbose = false}
print(q('inter', {x = 2}).y[1], io.open(dir .. '/a.csv'):read('*a'))
local npy4th = require 'npy4th'
npy4th.savenpy(dir .. '/a.npy', torch.range(1, 3))
npy4th.savenpy(dir .. '/a.npy', torch.range(4, 5), 'a')
print(npy4th.loadnpy(dir .. '/a.npy'))
local lfs = require 'lfs'
print(lfs.attributes(dir, 'mode'), lfs.mkdir(dir))
-- functions that check, classes of tables
local argcheck = require 'argcheck'
local check = argcheck{
   {name = 'x', type = 'torch.*Tensor'}, {name = 'n', type = 'number', default = 3}, {name = 'f', type = 'function', opt = true},
   call = function(x, n, f) return x:size(1) + n, f and f() end,
}
print(check(torch.ones(2)), check(torch.ones(2), 1, function() return 'f' end), check{x = torch.ones(4)})
print((select(2, pcall(check, 5)):match('x is a %w+, not a [%w.*]+')))
local over = argcheck{{name = 's', type = 'string'}, overload = check, call = function(s) return s .. '!' end}
print(over('a'), over(torch.ones(1)))
print(pcall(argcheck, {{name = 's', type = 'string'}, {name = 'n', type = 'number', opt = true}, overload = over}) == false)
local method = argcheck{
   {name = 'self', type = 'table'}, {name = 'x', type = 'number', default = 5}, {name = 'msg', type = 'string', default = 'm'},
   call = function(self, x, msg) return self.id .. x .. msg end,
}
local object = {id = 'o', run = method}
print(object:run(), object:run('p'), object:run(nil, 'p'), object:run(6, nil), object:run{msg = 'q'}, object:run{})
local class = require 'class'
local A = class('A')
function A:__init(n) self.n = n end
function A:twice() return 2 * self.n end
local B, parent = class('B', 'A')
function B:twice() return parent.twice(self) + 1 end
print(B(4):twice(), class.type(B(1)), class.istype(B(1), 'A'), class.type(3), parent == A)
local make = class.constructor(B)
print(make(2):twice(), class.factory('B').n, class.type(class.factory('B')), pcall(class.factory, 'none') == false)
local optnet = require 'optnet'
require 'nn'
local net = nn.Sequential():add(nn.Linear(2, 3))
optnet.optimizeMemory(net, torch.ones(1, 2))
print(optnet.countUsedMemory(net).params)
-- what th had around programs
dok() -- there without a require
print(dok == require 'dok')
require 'env'
print(select(2, dok.unpack({4}, 'f', '', {arg = 'size', type = 'number'}, {arg = 'width', type = 'number', defaulta = 'size'})), type(require 'trepl'))

-- what examples of rnn ask of the packages
require 'xlua'
table.print{a = 1}
require 'dpnn'
print(nn.NCEModule.version)

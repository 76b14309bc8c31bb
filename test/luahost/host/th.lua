-- what th gave a program: print of tables, require beside a file, parts of strings, colours
-- args: $DIR
local dir = arg[1]
print({1, 'two', {3, {}}, x = true, t = torch.zeros(2, 3), e = torch.FloatTensor(), s = torch.LongStorage{4, 5}, net = nil})
print('before', {}, 2, torch.ones(1))
print({a = {b = {c = {d = {e = 1}}}}})
print(setmetatable({1}, {__tostring = function() return 'its own text' end}), 5)
setprintlevel(2)
print({1, {2}})
setprintlevel(0)
local shown = print
print(shown == print)
setprintlevel(5)
require 'nn'
print({net = nn.Linear(2, 3), list = nn.Sequential():add(nn.Tanh()).modules})
-- files by their place
local function write(name, text)
   local file = assert(io.open(dir .. '/' .. name, 'w'))
   file:write(text)
   file:close()
end
paths.mkdir(dir .. '/part/deep')
write('part/one.lua', "loads = (loads or 0) + 1 return {name = 'one', up = require '../top'.name}")
write('top.lua', "return {name = 'top'}")
write('part/deep/init.lua', "return 'deep'")
write('part/list.json', '{"a": [1, null]}')
torch.save(dir .. '/part/x.th', torch.ones(2))
write('use.lua', "local one = require './part/one' require './part/one' return {one, require './part/deep', require './part/list', require './part/x'}")
local used = dofile(dir .. '/use.lua')
print(used[1].name, used[1].up, loads, used[2], used[3].a[1], used[4]:sum())
print(pcall(require, './absent') == false, pcall(require, 'absent') == false)
-- texts
print(#(' a  b'):split('%s+'), (' a  b'):split('%s+')[1], #('a,,b,'):split(','), ('a,,b,'):split(',')[2] == '', sys.split('x1y22z', '%d+')[3])
print('%d of %s' % {3, 'four'}, '%.2f' % 0.5, '$a and $b' % {a = 1, b = 2}, string.tosymbol('math.huge') > 1)
local c = require 'trepl.colorize'
print(c.red 'text', c.Blue('more'), require 'trepl.colors'.none == '', torch.isatty(io.stdout))
import 'paths'
print(basename('/a/b'), sys.fpath() == paths.dirname(paths.thisfile()))
print(table.concat(table.splice({1, 2, 3, 4}, 2, 2), ','), #select(2, table.splice({1, 2, 3}, 1)), #table.prune({1, 2, 1}))
local object = {}
xlua.unpack_class(object, {{a = 1}}, 'f', 'd', {arg = 'a', type = 'number'}, {arg = 'b', type = 'number', default = 2})
print(object.a, object.b, tostring(xlua.usage_module({}, 'p', 'what')):match('PACKAGE:\np'))

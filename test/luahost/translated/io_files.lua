-- files: io library, tensors saved and loaded, lines and numbers read back
require 'torch'
local name = os.tmpname()
local f = assert(io.open(name, 'w'))
for i = 1, 5 do f:write(i, ' ', i * i, '\n') end
f:write('tail')
f:close()
local n, total = 0, 0
for line in io.lines(name) do
  n = n + 1
  local a, b = line:match('(%d+) (%d+)')
  if a then total = total + a * b end
end
print(n, total)
f = io.open(name)
print(f:read('*n', '*n'))
print(f:read('*l') == '', f:read('*l'), f:read(3), f:seek('cur'), f:seek('set', 0), f:read(1))
local rest = f:read('*a')
print(#rest, f:read('*l'), f:read('*a') == '')
f:close()
print(io.type(f), io.type(io.stdout), io.type(3))
f = io.open(name, 'a')
f:write('\nmore', '\n')
f:close()
local lines = {}
for l in io.lines(name) do lines[#lines + 1] = l end
print(#lines, lines[#lines], lines[6])
print(io.open('/nonexistent/x'))
print(os.remove(name), io.open(name) == nil)
local t7 = os.tmpname()
local data = {x = torch.range(1, 4), list = {1, 'two', true}, nested = {a = {b = 2}}}
torch.save(t7, data)
local back = torch.load(t7)
print(back.x:sum(), #back.list, back.list[2], back.list[3], back.nested.a.b)
torch.save(t7, torch.FloatTensor{{1, 2}, {3, 4}}, 'ascii')
print(torch.load(t7, 'ascii'))
os.remove(t7)
print(type(os.time()), os.time{year = 2020, month = 1, day = 1, hour = 12} - os.time{year = 2020, month = 1, day = 1, hour = 11})
print(os.date('!%Y-%m-%d', 0), type(os.date()), type(os.clock()), os.getenv('NO_SUCH_VARIABLE_HERE'))
print(os.date('*t', 86400).year, os.date('!%H:%M:%S', 3661))
local p = io.popen('echo piped')
print(p:read('*a'))
p:close()
io.write(1, ' ', 2.5, ' ', 'x', '\n')
io.stdout:write('done\n')
print(paths.basename('/a/b/c.txt'), paths.dirname('/a/b/c.txt'), paths.extname('c.txt'), paths.filep(t7))

-- args: $DIR
-- covers: texts as bytes: lengths, places and patterns beyond ASCII, files and storages of bytes, bit operations
require 'torch'
local bit = require 'bit'
local path = arg[1] .. '/raw.bin'
local s = string.char(0, 1, 127, 128, 200, 255, 10, 65)
print(#s, s:byte(1, -1))
local f = io.open(path, 'wb')
f:write(s, 'caf\195\169\n', 'x')
f:close()
f = io.open(path, 'rb')
local first, all = f:read(4), f:read('*a')
print(#first, #all, first:byte(4), all:byte(2), f:seek('set', 8), f:read('*l'))
f:close()
local word = 'naïve café'
print(word, #word, word:upper(), word:reverse():len(), word:find('café'), word:gsub('[\128-\255]+', '?'))
local chars = {}
for c in word:gmatch('[%z\1-\127\194-\244][\128-\191]*') do chars[#chars + 1] = c end
print(#chars, chars[3], 'é' .. #chars .. '.')
print(bit.band(0xff, 200), bit.bxor(5, 3), bit.lshift(1, 31), bit.bnot(0), bit.tohex(255), bit.rshift(-1, 28), bit.arshift(-8, 1))
local storage = torch.CharStorage():string(word)
print(storage:size(), storage:string() == word, storage[3], torch.ByteStorage():string(s)[6])
local d = torch.DiskFile(path, 'r'):binary()
local raw = d:readByte(8)
print(raw)
print(raw:size(), raw[5], d:readChar(), d:position())
d:close()
local q = string.format('%q', 'tab\t1"\0é\n')
print(q, #q, loadstring('return ' .. q)() == 'tab\t1"\0é\n')
local t = {['é'] = 1, ['\255'] = 2}
print(t['\195\169'], t[string.char(255)], ('%5s|%-6s|'):format('é', 'é'))
local m = torch.MemoryFile()
m:writeObject{name = word, raw = s}
m:seek(1)
local back = m:readObject()
print(back.name == word, back.raw == s, #back.raw, pcall(torch.load, '/nowhere/é.t7'))
os.remove(path)

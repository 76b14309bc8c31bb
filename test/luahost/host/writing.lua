-- functions and objects in files: closures that call themselves, shared upvalues, what no file can hold, hooks; LAPACK's order
-- args: $DIR
local file = paths.concat(arg[1], 'x.t7')
local function back(x)
  torch.save(file, x)
  return torch.load(file)
end
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
local fact
fact = function(n) return n == 0 and 1 or n * fact(n - 1) end
print(back(fact)(5), back(fib)(10))
local n, step = 10, 5
local counter = {up = function() n = n + step end, get = function() return n end, twice = function() step = 2 * step end}
local copy = back(counter)
copy.twice()
copy.up()
print(copy.get(), counter.get(), copy.up == copy.up)
local shown = print
local words = {list = {1, 2, {say = function(x) shown(x) end}}}
print(pcall(torch.save, file, words))
print(pcall(torch.serialize, {deep = {coroutine.create(fib)}}))
print(select(2, pcall(torch.save, file, io.stdout)))
local m = torch.MemoryFile():binary()
print(pcall(m.writeObject, m, {add = torch.add}))
local torch_again = torch
print((select(2, pcall(torch.save, file, function() return torch_again.ones(1) end)):gsub('again%..*', 'again')))
local Box = torch.class('Box')
function Box:__init(x) self.x = x end
local Other = torch.class('OtherBox')
function Other:__init(x) self.y = x end
local box = Box(3)
box.say = print
m:seek(1)
m:writeObject({box})
m:seek(1)
local read = m:readObject()[1]
print(torch.type(read), read.x, read.say)
m = torch.MemoryFile():binary()
m:writeObject({box, box, Box(4)}, nil, function(x) return torch.type(x) == 'Box' and OtherBox(x.x + 1) or x end)
m:seek(1)
local a, b, c = unpack(m:readObject())
print(torch.type(a), a.y, a == b, c.y)
print(type(torch.File.writeObject))
-- matrices by columns, in their own memory
local x = torch.Tensor{{2, 1}, {1, 3}}
local inverse, into = torch.inverse(x), torch.Tensor(2, 2)
local memory = into:storage()
torch.inverse(into, x)
print(inverse:isContiguous(), into:isContiguous(), torch.pointer(memory) == torch.pointer(into:storage()))
print(torch.add(into, -1, inverse):abs():max(), torch.mm(x, into):add(-1, torch.eye(2)):abs():max() < 1e-15)
local e, v = torch.symeig(x, 'V')
print(e:isContiguous(), v:isContiguous(), (v * torch.diag(e) * v:t() - x):abs():max() < 1e-14)
local u, s, w = torch.svd(x)
print(u:isContiguous(), x:potrf():isContiguous(), torch.qr(x):stride(1))
torch.setheaptracking(true)
print(torch._heaptracking)
torch.setheaptracking(false)
-- shared memory and files
local name = 'torch7_test_' .. tostring({}):match('0x(%x+)') .. os.time()
local shared = torch.FloatStorage(name, true, 5, true)
torch.FloatTensor(shared):copy(torch.range(1, 5))
local again = torch.FloatStorage('/dev/shm/' .. name, true, 5)
again[2] = 7
print(shared[2], again[5], paths.filep('/dev/shm/' .. name))
shared = nil
collectgarbage()
collectgarbage()
print(paths.filep('/dev/shm/' .. name), again[1])

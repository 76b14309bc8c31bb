-- threads one after another, options in the manner of lapp, storages as text
local threads = require 'threads'
local pool = threads.Threads(2, function(i) started = (started or 0) + i end)
local sum, order = 0, {}
for i = 1, 5 do
  pool:addjob(function(a, b) return a * b, nil, i end, function(p, _, k) sum = sum + p; order[#order + 1] = k end, i, 10)
end
print(sum, #order)
pool:synchronize()
print(sum, table.concat(order, ' '), started, pool:hasjob())
pool:specific(true)
pool:addjob(2, function() return __threadid end, function(id) print('thread', id) end)
pool:terminate()
local lapp = require 'pl.lapp'
local text = [[
Trains something
  -r,--rate (default 0.5) learning rate
  -n,--name (default "net") a name
  --size (number) how many
  -v,--verbose  say more
  <file> (string) data
]]
local o = lapp(text, {'-r', '0.1', '--size', '3', '-v', 'x.t7'})
print(o.rate, o.name, o.size, o.verbose, o.file, lapp(text, {'--size=4', 'y'}).verbose)
print(torch.DoubleStorage{1.5, 2}, torch.LongStorage{3, 40}, #torch.Tensor())
local mutex = threads.Mutex()
mutex:lock(); mutex:unlock()
local failing = threads.Threads(1)
failing:addjob(function() error('in the job') end)
print(pcall(failing.synchronize, failing) == false, threads(2, function(id) io.write(id, ' ') end).N, torch.type(pool))
print(threads.safe(function(a) return a + 1 end)(4), threads.Threads.serialization('threads.sharedserialize'))
-- what threads draw and the type of their tensors are their own; their last function's values come with the pool
torch.manualSeed(5)
local first = torch.uniform()
torch.manualSeed(5)
torch.setdefaulttensortype('torch.FloatTensor')
local own, sizes = threads(2, function() torch.setnumthreads(1) end, function(i) torch.manualSeed(i) return i * 10, 'x' end)
own:addjob(function() return torch.rand(2) end, function(x) print(x:type()) end)
own:synchronize()
print(sizes[1][1], sizes[2][1], sizes[2][2], torch.uniform() == first, torch.rand(1):type())
-- and so are their globals and the files that they load, over those of the program
shared = 'program'
local function pool_of(word)
   return threads.Threads(2, function(i) own_word, shared = word .. i, i == 2 and nil or shared .. i end)
end
local one, two = pool_of('a'), pool_of('b')
for _, p in ipairs{one, two} do
   p:specific(true)
   for i = 1, 2 do p:addjob(i, function() return own_word, shared end, function(...) print(own_word, shared, ...) end) end
   p:synchronize()
end
one:addjob(1, function() require 'image' return type(image.scale) end, print)
one:synchronize()
print(type(image.scale), image == require 'image', __threadid)

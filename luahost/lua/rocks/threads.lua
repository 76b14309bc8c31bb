-- threads: a pool whose jobs run one after another in this state when they are added; what ends them waits as in Torch.
local threads = {}
local Threads = {}
Threads.__index = Threads

local function pool(count, ...)
   local self = setmetatable({N = count, ended = {}, is_specific = false}, Threads)
   for i = 1, count do
      __threadid = i
      for _, init in ipairs{...} do init(i) end
   end
   __threadid = nil
   return self
end

function Threads:specific(flag)
   if flag == nil then return self.is_specific end
   self.is_specific = flag
end

function Threads:addjob(...)
   local args, id = {...}, 1
   if self.is_specific then id = table.remove(args, 1) end
   if #self.ended >= self.N then self:dojob() end
   local job, done = args[1], args[2]
   __threadid = id
   local results = {n = 0}
   local function keep(...) results = {n = select('#', ...), ...} end
   keep(job(unpack(args, 3, select('#', ...))))
   __threadid = nil
   self.ended[#self.ended + 1] = {done, results}
end

function Threads:dojob()
   local entry = table.remove(self.ended, 1)
   if entry and entry[1] then entry[1](unpack(entry[2], 1, entry[2].n)) end
end

function Threads:synchronize()
   while #self.ended > 0 do self:dojob() end
end

function Threads:hasjob() return #self.ended > 0 end
function Threads:acceptsjob() return #self.ended < self.N end
function Threads:haserror() return false end
function Threads:terminate() self:synchronize() end

threads.Threads = setmetatable({serialization = function() end}, {
   __call = function(_, ...) return pool(...) end,
   __index = Threads,
})
setmetatable(threads, {__call = function(_, ...) return pool(...) end})

function threads.serialization() end
function threads.Mutex()
   return {lock = function() end, unlock = function() end, free = function() end, id = function() return 1 end}
end
threads.safe = function(f) return f end

return threads

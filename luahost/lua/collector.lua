-- The collector stands still: the host runs it at safe points, and so do the calls that a program makes itself.
local H = ...
local collect = collectgarbage
collect('stop')
io.stdout:setvbuf('line')

local GROWTH = 8192  -- kilobytes
local kept = collect('count')

function H.collect()
   collect('collect')
   collect('stop')
   kept = collect('count')
end

-- A full collection takes as long as thousands of calls: only where there is garbage
function H.relieve()
   if collect('count') > 2 * kept + GROWTH then H.collect() end
end

local CALLS = 1000
local calls = 0

-- A call, or so many
function H.tick(count)
   calls = calls + (count or 1)
   if calls >= CALLS then
      calls = 0
      H.relieve()
   end
end

function H.kilobytes()
   return collect('count')
end

function collectgarbage(option)
   if option == 'count' then
      return collect('count')
   elseif option == nil or option == 'collect' or option == 'step' then
      H.collect()
      return option == 'step' or 0
   elseif option == 'setpause' or option == 'setstepmul' then
      return 200
   elseif option == 'stop' or option == 'restart' then
      return 0
   end
   error("bad argument #1 to 'collectgarbage' (invalid option '" .. tostring(option) .. "')", 2)
end

function H.write(text)
   io.stdout:write(text)
end

function H.flush()
   io.stdout:flush()
end

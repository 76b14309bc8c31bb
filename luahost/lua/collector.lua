-- The collector stands still: the host runs it at safe points, and so do the calls that a program makes itself.
local H = ...
local collect = collectgarbage
collect('stop')
io.stdout:setvbuf('line')

function H.collect()
   collect('collect')
   collect('stop')
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

-- Functions in files: bytecode and upvalues; only what this process wrote, or the user trusts, is loaded again.
local H = ...

function H.dump(f)
   return string.dump(f)
end

function H.upvalues_of(f)
   local upvalues, i = {}, 1
   while true do
      local name, value = debug.getupvalue(f, i)
      if name == nil then return upvalues end
      upvalues[i] = {name = name, value = value}
      i = i + 1
   end
end

function H.undump(code, upvalues)
   local f = assert(loadstring(code))
   for i = 1, upvalues and #upvalues or 0 do
      debug.setupvalue(f, i, upvalues[i].value)
   end
   return f
end

function H.refused_function()
   error('this function came from a file as bytecode, which is not run: start the program with --trust', 2)
end

function H.plain_copy(t)
   local copy = {}
   for key, value in H.rawpairs(t) do copy[key] = value end
   return copy
end

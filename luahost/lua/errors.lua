-- Exceptions of Python as Lua's errors: pcall and xpcall give their message, not the object.
local H = ...
local rawtype, rawpcall, rawxpcall = H.rawtype, pcall, xpcall

-- A table that is raised through Python comes back as its text
local rawerror, raised = error, nil

function error(e, level)
   if rawtype(e) == 'table' then raised = e end
   return rawerror(e, level)
end

function H.table_of_error(text)
   if raised ~= nil and (text == '' or text:find(tostring(raised), 1, true) == 1) then return raised end
end

local function shown(e)
   if rawtype(e) == 'userdata' then return H.message(e) end
   return e
end

-- How many calls of pcall and xpcall run: a program that asks inside of one is ready for a refusal
H.guarded = 0

local function finish(...)
   H.guarded = H.guarded - 1
   local ok, e = ...
   if ok then return ... end
   return false, shown(e)
end

function pcall(f, ...)
   H.guarded = H.guarded + 1
   return finish(rawpcall(f, ...))
end

local function counted(...)
   H.guarded = H.guarded - 1
   return ...
end

function xpcall(f, handler, ...)
   H.guarded = H.guarded + 1
   return counted(rawxpcall(f, function(e) return handler(shown(e)) end, ...))
end

local resume = coroutine.resume
function coroutine.resume(...)
   H.guarded = H.guarded + 1
   return finish(resume(...))
end

-- Run the main chunk of a program: true, or false and the text for the user
function H.protected(f, ...)
   local function handler(e)
      e = shown(e)
      if rawtype(e) ~= 'string' then
         local m = getmetatable(e)
         e = rawtype(e) == 'table' and m and m.__tostring and tostring(e) or '(error object is a ' .. type(e) .. ' value)'
      end
      return debug.traceback(e, 2)
   end
   return H.holding(rawxpcall, f, handler, ...)
end

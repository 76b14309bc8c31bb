-- Functions in files: bytecode and upvalues; only what this process wrote, or the user trusts, is loaded again.
local H = ...
local rawtype, getupvalue, dump = H.rawtype, debug.getupvalue, string.dump

-- Upvalues that functions share have a number, the same in all of them
local numbers, last = {}, 0

-- Functions of the library stand for Torch's functions in C, which no file can hold
local function is_writable(value)
   local kind = rawtype(value)
   if kind == 'function' then return value ~= H.print and not H.unwrap(value) and pcall(dump, value) end
   return kind ~= 'thread' and kind ~= 'cdata' and not io.type(value)
end

-- The entries of a table, the upvalues of a function, the fields of an object of a class, as next gives them
local function upvalue(f, i)
   i = (i or 0) + 1
   local name, value = getupvalue(f, i)
   if name then return i, value, name end
end

local function contents(value)
   if rawtype(value) == 'function' then return upvalue, value end
   return next, value
end

local function way_to(place)
   local names = {}
   while place do
      table.insert(names, 1, place.name)
      place = place.above
   end
   return table.concat(names, '.')
end

-- What a file cannot hold ends the writing before it begins, named by the way to it from the object; a field of an
-- object of a class is told and left out. `inner`: a part of what is being written
function H.check_writable(object, inner)
   if not inner then numbers = {} end  -- addresses of what is gone are used again
   local seen, places = {}, {{value = object, name = '<?>'}}
   if not is_writable(object) then error(('Unwritable object <%s> at <?>'):format(type(object)), 0) end
   local function look(place)
      local class = rawtype(place.value) == 'table' and H.class_name(place.value)
      local first = #places + 1  -- the first entry is looked at first
      for key, value, name in contents(place.value) do
         local kind = rawtype(value)
         if kind ~= 'number' and kind ~= 'string' and kind ~= 'boolean' and not seen[value] then
            local named = rawtype(key) == 'string' or rawtype(key) == 'number'
            local below = {value = value, name = name or named and tostring(key) or '<?>', above = place}
            if is_writable(value) then
               if kind == 'table' or kind == 'function' then table.insert(places, first, below) end
            elseif class then
               print(('$ Warning: cannot write object field <%s> of <%s> %s'):format(below.name, class, way_to(place)))
            else
               error(('Unwritable object <%s> at %s'):format(type(value), way_to(below)), 0)
            end
         end
      end
   end
   while #places > 0 do
      local place = table.remove(places)
      local kind = rawtype(place.value)
      if (kind == 'table' or kind == 'function') and not seen[place.value] then
         seen[place.value] = true
         look(place)
      end
   end
end

-- writeObject(object, name, hook): what the hook gives for an object of a class is written for it
local hook, written

function H.with_hook(f, write, ...)
   local before, known = hook, written
   hook, written = f, {}
   local ok, problem = pcall(write, ...)
   hook, written = before, known
   if not ok then error(problem, 0) end
end

function H.hooked(object)
   if not hook then return object end
   written[object] = written[object] or hook(object)
   return written[object]
end

function H.dump(f)
   return string.dump(f)
end

function H.upvalues_of(f)
   local upvalues, i = {}, 1
   while true do
      local name, value = getupvalue(f, i)
      if name == nil then return upvalues end
      local id = tostring(debug.upvalueid(f, i))
      if not numbers[id] then
         last = last + 1
         numbers[id] = last
      end
      upvalues[i] = {name = name, value = value, id = numbers[id]}
      i = i + 1
   end
end

function H.undump(code)
   return assert(loadstring(code))
end

-- `joined`: by its number, the function that has an upvalue already
function H.set_upvalues(f, upvalues, joined)
   for i = 1, upvalues and #upvalues or 0 do
      local upvalue = upvalues[i]
      debug.setupvalue(f, i, upvalue.value)
      local other = upvalue.id and joined[upvalue.id]
      if other then
         debug.upvaluejoin(f, i, other.f, other.index)
      elseif upvalue.id then
         joined[upvalue.id] = {f = f, index = i}
      end
   end
end

function H.refused_function()
   error('this function came from a file as bytecode, which is not run: start the program with --trust', 2)
end

-- The fields of an object of a class, in a file
function H.plain_copy(t)
   local copy = {}
   for key, value in H.rawpairs(t) do
      if is_writable(value) then copy[key] = value end
   end
   return copy
end

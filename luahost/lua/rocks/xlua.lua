-- xlua: what prints Lua's values, raises Lua's errors and keeps Lua's tables; the rest is Python's.
local xlua = ...

local function text_of(t, newline, indent)
   local parts = {}
   for key, value in pairs(t) do
      local shown = type(value) == 'table' and text_of(value, newline, indent .. '  ') or tostring(value)
      parts[#parts + 1] = indent .. tostring(key) .. ' = ' .. shown
   end
   table.sort(parts)
   return '{' .. (newline and '\n' or '') .. table.concat(parts, newline and '\n' or ', ') .. (newline and '\n' or '') .. '}'
end

function xlua.table2string(t, newline) return text_of(t, newline, '') end
function xlua.print(...) print(...) end
function table.print(t) print(text_of(t, true, '')) end
function xlua.warning(message, name) print('<' .. (name or 'warning') .. '> ' .. (message or '')) end

function xlua.error(message, name, usage)
   local text = (name and '<' .. name .. '> ' or '') .. tostring(message)
   error(sys.COLORS.Red .. text .. sys.COLORS.none .. (usage and '\n' .. usage or ''), 2)
end

function xlua.trycatch(attempt, catch)
   local ok, problem = pcall(attempt)
   if not ok then catch(problem) end
end

function xlua.require(name, refuse)
   local ok, loaded = pcall(require, name)
   if ok then return loaded end
   if refuse then error(loaded, 2) end
   print(loaded)
   print('warning: <' .. name .. '> could not be loaded (is it installed?)')
   return false
end

-- xlua.unpack({...}, name, description, {arg=, type=, default=, defaulta=, req=}, ...): named or positional arguments
function xlua.unpack(args, name, description, ...)
   local specs, given, values = {...}, args[1], {}
   local named = #args == 1 and type(given) == 'table'
   local result = {}
   for i, spec in ipairs(specs) do
      local value
      if named then value = given[spec.arg] else value = args[i] end
      if value == nil and spec.defaulta then value = values[spec.defaulta] end
      if value == nil then value = spec.default end
      if value == nil and spec.req or #args == 0 then
         print(xlua.usage(name, description, nil, ...))
         error('<' .. name .. '> missing argument: ' .. spec.arg .. ' (' .. (spec.help or '') .. ')', 2)
      end
      result[i], values[spec.arg], values[i] = value, value, value
   end
   values.usage = setmetatable({}, {__tostring = function() return xlua.usage(name, description, nil, unpack(specs)) end})
   return values, unpack(result, 1, #specs)
end

-- The same for the constructor of a class: the arguments become fields
function xlua.unpack_class(object, args, name, description, ...)
   for key, value in pairs((xlua.unpack(args, name, description, ...))) do
      if type(key) ~= 'number' then object[key] = value end
   end
end

-- What print shows of a package
function xlua.usage_module(package_table, name, description)
   local text = 'PACKAGE:\n' .. name .. (description and '\n\nDESC:\n' .. description or '')
   local m = getmetatable(package_table) or {}
   m.__tostring = function() return text end
   setmetatable(package_table, m)
   return text
end

-- xlua.envparams{name = default}: defaults replaced by environment variables
function xlua.envparams(params)
   for name, default in pairs(params) do
      local value = os.getenv(name)
      if value then params[name] = type(default) == 'number' and tonumber(value) or value end
   end
   return params
end

-- What is printed and written also goes to a file
function xlua.log(name)
   paths.mkdir(paths.dirname(name))
   local file, write, shown = assert(io.open(name, 'w')), io.write, print
   local function both(...)
      file:write(...)
      file:flush()
      return write(...)
   end
   io.write = both
   function print(...)
      local texts = {}
      for i = 1, select('#', ...) do texts[i] = tostring((select(i, ...))) end
      file:write(table.concat(texts, '\t'), '\n')
      file:flush()
      shown(...)
   end
end

function xlua.clear(name)
   _G[name] = nil
   collectgarbage()
end
xlua.who = who

-- A table without the `length` entries from `start` on, and these
function table.splice(t, start, length)
   start, length = start or 1, length or 1
   local kept, taken = {}, {}
   for i, value in ipairs(t) do
      table.insert((i < start or i >= start + length) and kept or taken, value)
   end
   return kept, taken
end

-- The values once each, alike by `hash`; `merge(new, known)` makes one of two
function table.prune(t, hash, merge)
   local place, r = {}, {}
   for _, value in ipairs(t) do
      local key = hash and hash(value) or value
      place[key] = place[key] or #r + 1
      r[place[key]] = merge and r[place[key]] ~= nil and merge(value, r[place[key]]) or value
   end
   return r
end

xerror, xrequire, xprint = xlua.error, xlua.require, xlua.print
return xlua

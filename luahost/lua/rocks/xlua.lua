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
      if value == nil and spec.req then
         error('<' .. name .. '> missing argument: ' .. spec.arg .. ' (' .. (spec.help or '') .. ')', 2)
      end
      result[i], values[spec.arg] = value, value
   end
   return values, unpack(result, 1, #specs)
end

-- xlua.envparams{name = default}: defaults replaced by environment variables
function xlua.envparams(params)
   for name, default in pairs(params) do
      local value = os.getenv(name)
      if value then params[name] = type(default) == 'number' and tonumber(value) or value end
   end
   return params
end

xerror, xrequire, xprint = xlua.error, xlua.require, xlua.print
return xlua

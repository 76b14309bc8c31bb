-- xlua: tables as text, options, a profiler; the progress bar is Python's.
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
function xlua.error(message, name, usage)
   error((name and '<' .. name .. '> ' or '') .. (message or '') .. (usage and '\n' .. usage or ''), 2)
end
function xlua.warning(message, name) print('<' .. (name or 'warning') .. '> ' .. (message or '')) end
function xlua.clearlog() return true end
function xlua.require(name, refuse)
   local ok, loaded = pcall(require, name)
   if ok then return loaded end
   if refuse then error(loaded, 2) end
end

-- xlua.envparams{name = default}: defaults replaced by environment variables
function xlua.envparams(params)
   for name, default in pairs(params) do
      local value = os.getenv(name)
      if value then params[name] = type(default) == 'number' and tonumber(value) or value end
   end
   return params
end

-- xlua.unpack({...}, name, description, {arg=, type=, default=, req=}, ...): named or positional arguments
function xlua.unpack(args, name, description, ...)
   local specs, given, values = {...}, args[1], {}
   local named = #args == 1 and type(given) == 'table'
   local result = {}
   for i, spec in ipairs(specs) do
      local value
      if named then value = given[spec.arg] else value = args[i] end
      if value == nil then value = spec.default end
      if value == nil and spec.req then
         error('<' .. name .. '> missing argument: ' .. spec.arg .. ' (' .. (spec.help or '') .. ')', 2)
      end
      result[i], values[spec.arg] = value, value
   end
   return values, unpack(result, 1, #specs)
end

-- Times between start and lap
local Profiler = torch.class('xlua.Profiler')
function Profiler:__init() self.events = {} end
function Profiler:start(name)
   local event = self.events[name] or {total = 0, count = 0}
   event.timer = torch.Timer()
   self.events[name] = event
end
function Profiler:lap(name)
   local event = self.events[name]
   if not event or not event.timer then error('profiler: ' .. tostring(name) .. ' was not started', 2) end
   event.last = event.timer:time()
   event.total, event.count = event.total + event.last.real, event.count + 1
   return event.last
end
function Profiler:cpu(name) return self.events[name].last.user + self.events[name].last.sys end
function Profiler:real(name) return self.events[name].last.real end
function Profiler:mean(name) return self.events[name].total / self.events[name].count end
function Profiler:printAll()
   for name, event in pairs(self.events) do
      print(('%s: %g s in %d laps'):format(name, event.total, event.count))
   end
end
Profiler.report = Profiler.printAll

-- Options in the manner of Python's optparse
local OptionParser = torch.class('xlua.OptionParser')
function OptionParser:__init(usage)
   self.usage, self.options = usage, {}
end
function OptionParser:option(spec)
   for i = 1, #spec do spec[i] = tostring(spec[i]) end
   self.options[#self.options + 1] = spec
end
OptionParser.add_option = OptionParser.option
function OptionParser:fail(message)
   io.stderr:write(self.usage or '', '\n', message, '\n')
   os.exit(1)
end
function OptionParser:help()
   print(self.usage or '')
   for _, spec in ipairs(self.options) do print('  ' .. table.concat(spec, ', ') .. '  ' .. (spec.help or '')) end
end
function OptionParser:parse()
   local values, rest, i = {}, {}, 1
   for _, spec in ipairs(self.options) do
      spec.name = spec.dest or spec[#spec]:gsub('^%-+', '')
      if spec.default ~= nil then values[spec.name] = spec.default end
   end
   while arg and i <= #arg do
      local word, value = arg[i]:match('^(%-[^=]*)=?(.*)$')
      local found
      for _, spec in ipairs(self.options) do
         for _, flag in ipairs(spec) do if flag == word then found = spec end end
      end
      if word == '-h' or word == '--help' then
         self:help()
         os.exit(0)
      elseif not word then
         rest[#rest + 1] = arg[i]
      elseif not found then
         self:fail('invalid option: ' .. arg[i])
      elseif found.action == 'store_true' or found.action == 'store_false' then
         values[found.name] = found.action == 'store_true'
      else
         if value == '' then
            i = i + 1
            value = arg[i]
         end
         if value == nil then self:fail('option ' .. word .. ' needs a value') end
         values[found.name] = tonumber(value) or value
      end
      i = i + 1
   end
   for _, spec in ipairs(self.options) do
      if spec.req and values[spec.name] == nil then self:fail('missing option ' .. spec[#spec]) end
   end
   return values, rest
end

return xlua

-- Penlight's lapp: options out of the text that explains them: "-n,--name (default 10) what it is", "<file> (string)".
local function value_of(text, kind)
   if kind == 'number' then
      return tonumber(text) or error('not a number: ' .. tostring(text), 0)
   end
   return text
end

local function specification(line)
   local short, long = line:match('^%s*%-(%w),%s*%-%-([%w_%-]+)')
   long = long or line:match('^%s*%-%-([%w_%-]+)')
   short = short or line:match('^%s*%-(%w)%f[%W]')
   local place = line:match('^%s*<([%w_]+)>')
   local name = long or place or short
   if not name then return nil end
   local inside = line:match('%((.-)%)')
   local spec = {name = name:gsub('%-', '_'), short = short, long = long, place = place, kind = 'string', flag = inside == nil and not place}
   local default = inside and inside:match('default%s+(.+)$')
   if default then
      default = default:match('^"(.*)"$') or default:match("^'(.*)'$") or default
      spec.default = tonumber(default) or default
      spec.kind = type(spec.default)
   elseif inside then
      spec.optional = inside:find('optional') ~= nil
      spec.kind = inside:find('number') and 'number' or 'string'
   end
   return spec
end

local function parse(text, args)
   local flags, places, values = {}, {}, {}
   args = args or arg
   local specs = {}
   for line in (text .. '\n'):gmatch('(.-)\n') do
      local spec = specification(line)
      if spec then
         specs[#specs + 1] = spec
         if spec.place then places[#places + 1] = spec end
         if spec.short then flags['-' .. spec.short] = spec end
         if spec.long then flags['--' .. spec.long] = spec end
         values[spec.name] = spec.default
         if spec.flag then values[spec.name] = false end
      end
   end
   local function fail(message)
      io.stderr:write((args[0] or 'program') .. ': ' .. message .. '\n' .. text .. '\n')
      os.exit(1)
   end
   local i, placed = 1, 0
   while i <= #args do
      local word, given = args[i]:match('^(%-%-[%w_%-]+)=(.*)$')
      word = word or args[i]
      local spec = flags[word]
      if spec and spec.flag then
         values[spec.name] = true
      elseif spec then
         if given == nil then
            i = i + 1
            given = args[i]
         end
         if given == nil then fail('missing value of ' .. word) end
         local ok, value = pcall(value_of, given, spec.kind)
         if not ok then fail(value) end
         values[spec.name] = value
      elseif word:find('^%-%a') or word:find('^%-%-') then
         fail('unknown option ' .. word)
      else
         placed = placed + 1
         local target = places[placed]
         if target then values[target.name] = value_of(word, target.kind) else values[#values + 1] = word end
      end
      i = i + 1
   end
   for _, spec in ipairs(specs) do
      if values[spec.name] == nil and not spec.optional then fail('missing ' .. spec.name) end
   end
   return values
end

return setmetatable({process_options_string = parse, parse = parse}, {__call = function(_, text, args) return parse(text, args) end})

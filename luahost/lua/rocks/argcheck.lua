-- argcheck: a function that takes arguments by position or by name, with types, defaults and checks.
local function isoftype(value, kind)
   if kind == '*' then return true end
   if kind == 'numbers' then
      if type(value) ~= 'table' then return false end
      for _, x in ipairs(value) do if type(x) ~= 'number' then return false end end
      return true
   end
   local name = torch.type(value)
   if kind:find('*', 1, true) then return name:match('^' .. kind:gsub('%.', '%%.'):gsub('%*', '.*') .. '$') ~= nil end
   return name == kind or type(value) == kind or (torch.typename(value) ~= nil and torch.isTypeOf(value, kind))
end

local function optional(rule)
   return rule.opt or rule.default ~= nil or rule.defaulta ~= nil or rule.defaultf ~= nil
end

local function fits(rule, value)
   return isoftype(value, rule.type) and (rule.check == nil or rule.check(value))
end

local function usage(rules)
   local lines = {rules.help or '', 'arguments:', '{'}
   for _, rule in ipairs(rules) do
      local head = rule.name .. ' = ' .. rule.type
      if optional(rule) then head = '[' .. head .. ']' end
      local default = rule.default ~= nil and ' [default=' .. tostring(rule.default) .. ']' or ''
      lines[#lines + 1] = ('   %-24s -- %s%s'):format(head, rule.help or '', default)
   end
   lines[#lines + 1] = '}'
   return table.concat(lines, '\n')
end

-- What a table gives by name, if it is alone, or alone behind the object of a method
local function named(rules, args)
   local first = rules[1] and rules[1].name == 'self' and args.n == 2 and 2 or 1
   local given = args[first]
   if args.n ~= first or rules.nonamed or type(given) ~= 'table' or torch.typename(given) then return nil end
   if #rules == first and fits(rules[first], given) then return nil end
   local known, values = {}, {}
   for _, rule in ipairs(rules) do known[rule.name] = true end
   for key, value in pairs(given) do
      if not known[key] then return nil end
      values[key] = value
   end
   if first == 2 then values.self = args[1] end
   return values
end

-- The values by name, one that does not fit an optional rule left to the next, or nil and what is wrong
local function match(rules, args)
   local values, place, table_ = {}, 1, named(rules, args)
   for i, rule in ipairs(rules) do
      if table_ then
         values[rule.name] = table_[rule.name]
      elseif place <= args.n then
         local skip = optional(rule) and args[place] ~= nil and not fits(rule, args[place]) and args.n - place + 1 <= #rules - i
         if not skip then
            values[rule.name] = args[place]
            place = place + 1
         end
      end
   end
   if not table_ and place <= args.n then return nil, 'invalid arguments: too many values' end
   if not table_ and rules.noordered and args.n > 0 then return nil, 'invalid arguments: they are given by name' end
   for _, rule in ipairs(rules) do
      local value = values[rule.name]
      if value == nil then
         if not optional(rule) then return nil, 'invalid arguments: ' .. rule.name .. ' is missing' end
         if rule.defaultf then
            value = rule.defaultf()
         elseif rule.defaulta then
            value = values[rule.defaulta]
         else
            value = rule.default
         end
         values[rule.name] = value
      elseif not fits(rule, value) then
         return nil, 'invalid arguments: ' .. rule.name .. ' is a ' .. torch.type(value) .. ', not a ' .. rule.type
      end
   end
   return values
end

-- The types of arguments in their order that rules take, as texts
local function orders(rules)
   local found = {''}
   for _, rule in ipairs(rules) do
      for k = 1, #found do
         local more = found[k] .. ' ' .. rule.type
         if optional(rule) then found[#found + 1] = more else found[k] = more end
      end
   end
   local set = {}
   for _, order in ipairs(found) do set[order] = true end
   return set
end

local rules_of = setmetatable({}, {__mode = 'k'})

local function finish(rules, values)
   local ordered = {}
   for i, rule in ipairs(rules) do ordered[i] = values[rule.name] end
   if rules.pack then
      if rules.call then return rules.call(values) end
      return values
   end
   if rules.call then return rules.call(unpack(ordered, 1, #rules)) end
   if rules.quiet then return true, unpack(ordered, 1, #rules) end
   return unpack(ordered, 1, #rules)
end

-- Two functions under one name must differ in what they take, unless the later one is forced
local function check_overload(rules)
   local other = not rules.force and rules.overload and rules_of[rules.overload]
   while other do
      local taken = orders(other)
      for order in pairs(orders(rules)) do
         if taken[order] then error('argcheck: both functions take (' .. order:sub(2) .. '); force = true puts this one first', 3) end
      end
      other = other.overload and rules_of[other.overload]
   end
end

local function argcheck(rules)
   for _, rule in ipairs(rules) do
      if not rule.name or not rule.type then error('argcheck: a rule needs a name and a type', 2) end
   end
   check_overload(rules)
   local function check(...)
      local args = {n = select('#', ...), ...}
      local tried = rules
      while tried do
         local values = match(tried, args)
         if values then return finish(tried, values) end
         tried = tried.overload and rules_of[tried.overload]
      end
      local _, problem = match(rules, args)
      if rules.quiet then return false, problem end
      error(problem .. '\n' .. usage(rules), 2)
   end
   rules_of[check] = rules
   return check
end

return setmetatable({argcheck = argcheck, isoftype = isoftype, env = {istype = isoftype}}, {
   __call = function(_, rules) return argcheck(rules) end,
})

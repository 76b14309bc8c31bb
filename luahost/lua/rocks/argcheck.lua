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

-- What a single table gives by name, if it is that
local function named(rules, args)
   local given = args[1]
   if args.n ~= 1 or rules.nonamed or type(given) ~= 'table' or torch.typename(given) then return nil end
   if #rules == 1 and fits(rules[1], given) then return nil end
   local known = {}
   for _, rule in ipairs(rules) do known[rule.name] = true end
   for key in pairs(given) do if not known[key] then return nil end end
   return given
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

local function argcheck(rules)
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

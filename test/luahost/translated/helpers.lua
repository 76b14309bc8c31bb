-- moses: what its functions give for lists and tables with names
local _ = require 'moses'
local function show(t)
  if type(t) ~= 'table' then return tostring(t) end
  local parts = {}
  for i = 1, #t do parts[i] = show(t[i]) end
  return '{' .. table.concat(parts, ',') .. '}'
end
local t = {3, 1, 2}
print(show(_.map(t, function(k, v) return k * v end)), _.map({a = 1, b = 2}, function(k, v) return v + 1 end).b)
print(show(_.filter(t, function(k, v) return v > 1 end)), show(_.reject(t, function(k, v) return v > 1 end)))
print(_.reduce(t, function(a, b) return a - b end), _.reduceRight(t, function(a, b) return a - b end), _.reduce(t, function(a, b) return a * b end, 10))
print(_.detect(t, 2), _.contains(t, 9), _.find(t, 1), _.all(t, function(k, v) return v > 0 end), _.any(t, function(v) return v > 5 end))
print(_.count({1, 2, 1}, 1), _.size(t), _.size(1, 2, 3, 4), _.max(t), _.min(t), _.max({'aa', 'b'}, function(v) return #v end))
local groups = _.groupBy({1, 2, 3, 4, 5}, function(k, v) return v % 2 == 0 and 'even' or 'odd' end)
print(show(groups.even), show(groups.odd), _.countBy({1, 2, 3}, function(k, v) return v > 1 and 'big' or 'small' end).big)
print(show(_.pluck({{n = 1}, {n = 2}, {m = 3}}, 'n')), show(_.sort({3, 1, 2})), show(_.sortBy({'ccc', 'a', 'bb'}, function(s) return #s end)))
print(_.sameKeys({a = 1}, {a = 2}), _.sameKeys({a = 1}, {b = 2}), show(_.slice({1, 2, 3, 4}, 2, 3)), show(_.first(t)), show(_.first(t, 2)))
print(show(_.initial(t)), show(_.last(t)), show(_.last(t, 2)), show(_.rest(t, 2)), _.nth(t, 2), show(_.push({1}, 2, 3)), show(_.append({1}, {2, 3})))
local queue = {1, 2, 3, 4}
print(_.pop(queue), _.unshift(queue), show(queue), show(_.pull({1, 2, 1, 3}, 1)), show(_.removeRange({1, 2, 3, 4}, 2, 3)))
print(show(_.reverse(t)), show(_.range(3)), show(_.range(2, 4)), show(_.range(5, 1, -2)), show(_.rep('x', 3)), show(_.unique({1, 2, 1, 3, 2})))
print(show(_.flatten{1, {2, {3, {4}}}}), show(_.flatten({1, {2, {3}}}, true)), show(_.compact{1, false, 2}), show(_.difference({1, 2, 3}, {2})))
print(show(_.intersection({1, 2, 3}, {2, 3, 4})), show(_.union({1, 2}, {2, 3})), show(_.zip({1, 2}, {'a', 'b'})), _.indexOf(t, 2), _.lastIndexOf({1, 2, 1}, 1))
print(show(_.chunk({1, 3, 2, 4, 5}, function(i, v) return v % 2 end)), _.concat({1, 'a', 2}, '-'), _.sum(t), _.mean(t))
print(#_.keys{a = 1, b = 2}, _.sum(_.values{a = 1, b = 2}), _.extend({a = 1}, {b = 2}).b, _.has({a = 1}, 'a'), _.pick({a = 1, b = 2}, 'a').b)
print(_.omit({a = 1, b = 2}, 'a').b, _.invert({a = 'x'}).x, _.isEqual({1, {2}}, {1, {2}}), _.isEqual({1}, {2}), _.identity(4))
local f = _.memoize(function(x) return x * 2 end)
print(f(4), f(4), _.compose(function(x) return x + 1 end, function(x) return x * 2 end)(5), _.bind(function(a, b) return a - b end, 10)(3))
print(show(_.times(3, function(i) return i * i end)), _.isTable{}, _.isString('a'), _.isNumber('a'), _.isFunction(print), _.isBoolean(false))
print(_.isNil(nil), _.isInteger(2.5), _.isArray{1, 2}, _.isArray{a = 1}, _.isEmpty{}, _.isEmpty('a'), show(_.clone({1, {2}})[2]))

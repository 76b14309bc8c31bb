-- moses: what is asked for less often, other names, chains
local _ = require 'moses'
local function sum(a, b) return a + b end
print(_.any({1, 2, 3}, 2), _.some({1, 2}, function(v) return v > 1 end), _.every({1, 2}, function(_, v) return v > 0 end))
print(_.concat(_.collect({1, 2}, function(_, v) return v * 2 end), ','), _.foldl({1, 2, 3}, sum), _.concat(_.mapReduce({1, 2, 3}, sum), ','))
print(_.findWhere({{a = 1}, {a = 2, b = 3}}, {a = 2}).b, #_.where({{a = 1}, {a = 1}}, {a = 1}), _.where({{a = 1}}, {a = 2}))
print(_.same({1, 2}, {2, 1}), _.containsKeys({a = 1}, {b = 1}), _.findIndex({4, 5}, function(_, v) return v == 5 end), _.isunique{1, 1})
print(_.concat(_.selectWhile({1, 2, 9, 1}, function(_, v) return v < 5 end), ','), _.concat(_.dropWhile({1, 2, 9, 1}, function(_, v) return v < 5 end), ','))
print(_.concat(_.interleave({1, 2}, {3, 4}), ','), _.concat(_.interpose(0, {1, 2, 3}), ','), _.concat(_.symdiff({1, 2}, {2, 3}), ','), _.median{3, 1, 2})
for part in _.partition({1, 2, 3}, 2) do io.write(_.concat(part, '-'), ' ') end
local n = 0
for _p in _.permutation{1, 2, 3} do n = n + 1 end
print(n, _.sortedIndex({1, 3, 5}, 4), _.concat(_.fill({1, 2, 3}, 0, 2), ','))
print(_.partial(math.max, 1, '_', 9)(5), _.curry(function(a, b) return a * b end)(3)(4), _.flip(function(a, b) return a .. b end)('x', 'y'), _.complement(_.isNil)(1))
print(_.pipe(3, function(v) return v + 1 end, function(v) return v * 2 end), _.juxtapose(2, math.sqrt, function(v) return -v end))
print(_.chain({1, 2, 3}):map(function(_, v) return v * v end):reduce(sum):value(), _({3, 1}):sort():first():value()[1])
print(_.toObj({{'a', 1}}).a, _.property('x')({x = 4}), _.template({a = 1}, {a = 2, b = 3}).b, _.result({f = function() return 'r' end}, 'f'), _.toBoolean(nil))

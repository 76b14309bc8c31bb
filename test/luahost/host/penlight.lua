-- Penlight's parts besides the first ones
local OrderedMap, Map, Set, List = require 'pl.OrderedMap', require 'pl.Map', require 'pl.Set', require 'pl.List'
local m = OrderedMap{{z = 1}, {a = 2}}
m.m = 3
m:set('z', nil)
m:insert(1, 'first', 0)
for k, v in m:iter() do io.write(k, '=', v, ' ') end
print(m, m.a, m:keys(), m:values())
print(Map{x = 1, y = 2}, Map{x = 1} == Map{x = 1}, Map{x = 1}:len(), Map{b = 1, a = 2}:items()[1][1])
local s = Set{1, 2} + Set{2, 3}
print(s, Set{1, 2} * Set{2}, Set{1, 2} - Set{2}, Set{1} < Set{1, 2}, Set.len(s), s[3], Set.isempty(Set{}))
print(List{3, 1, 2}:sort(), List{1, 2, 3, 4}:chop(2, 3), List{1, 4}:splice(2, {2, 3}), List('abc'), List{1} .. List{2}, List{1, 2} == List{1, 2})
print(List{'a', 'bb', 'c'}:partition(string.len)[1], List{1, 2, 1}:count(1), List{1, 2, 3}:minmax())
local tablex, stringx, utils, seq = require 'pl.tablex', require 'pl.stringx', require 'pl.utils', require 'pl.seq'
print(tablex.rfind({1, 2, 1}, 1), tablex.find_if({1, 5, 7}, function(v) return v > 4 end), tablex.index_map({'a', 'b'}).b,
      tablex.count_map({'a', 'b', 'a'}).a, tablex.compare({1, 2}, {1, 2}), tablex.compare_no_order({1, 2}, {2, 1}))
print(table.concat(tablex.mapn(function(a, b, c) return a + b + c end, {1, 2}, {3, 4}, {5, 6}), ','), #tablex.new(3, 'x'))
for k, v in tablex.sortv({a = 3, b = 1}) do io.write(k, v, ' ') end
print(pcall(function() tablex.readonly({1})[2] = 3 end) == false)
print(stringx.rfind('abcab', 'ab'), stringx.center('a', 4, '-'), stringx.expandtabs('a\tb', 4), stringx.shorten('abcdefgh', 6), stringx.rpartition('a.b.c', '.'))
print(utils.string_lambda('|x, y| x + y')(2, 3), utils.choose(false, 1, 2), utils.memoize(function(x) return x * 2 end)(4), pcall(utils.assert_arg, 1, 'x', 'number'))
print(seq.sum{1, 2, 3}, seq.list(seq.filter({1, 2, 3}, function(x) return x > 1 end)), seq.list(seq.map(function(x) return x * x end, {2, 3})))
for i, v in seq.enum{'p', 'q'} do io.write(i, v, ' ') end
print(require 'pl.text'.Template('$a-${b}'):substitute{a = 1, b = 2}, require 'pl.types'.is_integer(3), require 'pl.types'.to_bool('yes'))
print(require 'pl.text'.wrap('one two three four', 9), (require 'pl.text'.dedent('  a\n   b')))
print(path.relpath('/a/b/c', '/a/d'), path.common_prefix('/a/b/c', '/a/b/d'))

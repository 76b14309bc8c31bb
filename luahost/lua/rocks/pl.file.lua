-- Penlight's file: whole files as text.
local utils = require 'pl.utils'
local file = {read = utils.readfile, write = utils.writefile, delete = os.remove}

function file.copy(from, to) return file.write(to, assert(file.read(from, true))) end
function file.move(from, to) return os.rename(from, to) end

function file.modified_time(name) return require('pl.path').getmtime(name) end
function file.access_time(name) return require('pl.path').getatime(name) end
function file.creation_time(name) return require('pl.path').getctime(name) end

return file

-- Asks for firms drawn at random over connections that stay open; one JSON line at the end.
local asked = {}

init = function(arguments)
  local headers = {["Authorization"] = "Bearer " .. arguments[3]}
  math.randomseed(tonumber(arguments[4]))
  for code in io.lines(arguments[1]) do
    asked[#asked + 1] = wrk.format("GET", (arguments[2]:gsub("CODE", code)), headers)
  end
end

request = function() return asked[math.random(#asked)] end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "p50": %.3f, "p99": %.3f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end

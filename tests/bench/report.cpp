// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace bench {

namespace {

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

const char* sign(Limit::Kind kind) {
    switch (kind) {
    case Limit::Kind::at_most: return "<=";
    case Limit::Kind::at_least: return ">=";
    case Limit::Kind::none: break;
    }
    return "";
}

Row parse(const std::string& line) {
    std::istringstream in{line};
    std::array<std::string, 6> fields;
    for (std::string& field : fields) {
        std::getline(in, field, '\t');
    }
    const auto& [demand, what, figure, unit, kind, limit] = fields;
    Row row{.demand = demand, .what = what, .figure = std::strtod(figure.c_str(), nullptr), .unit = unit};
    if (!kind.empty()) {
        row.limit = {kind == "<=" ? Limit::Kind::at_most : Limit::Kind::at_least, std::strtod(limit.c_str(), nullptr)};
    }
    return row;
}

std::string verdict(const Row& row) {
    return row.limit.kind == Limit::Kind::none ? "" : row.limit.met(row.figure) ? "met" : "NOT MET";
}

void write_json(std::FILE* out, const std::vector<Row>& rows) {
    std::fputs("[\n", out);
    for (const Row& row : rows) { // no text of ours needs an escape
        std::fprintf(out, R"(  {"demand": "%s", "what": "%s", "figure": %.6g, "unit": "%s")", row.demand.c_str(),
                     row.what.c_str(), row.figure, row.unit.c_str());
        if (row.limit.kind != Limit::Kind::none) {
            std::fprintf(out, R"(, "limit": "%s", "than": %.6g, "met": %s)", sign(row.limit.kind), row.limit.value,
                         row.limit.met(row.figure) ? "true" : "false");
        }
        std::fprintf(out, "}%s\n", &row == &rows.back() ? "" : ",");
    }
    std::fputs("]\n", out);
}

} // namespace

void say(const Row& row) {
    std::fprintf(stderr, "  %-8s %-78s %10s %-8s %s\n", row.demand.c_str(), row.what.c_str(),
                 number(row.figure).c_str(), row.unit.c_str(), verdict(row).c_str());
    std::printf("%s\t%s\t%.9g\t%s\t%s\t%.9g\n", row.demand.c_str(), row.what.c_str(), row.figure, row.unit.c_str(),
                sign(row.limit.kind), row.limit.value);
    std::fflush(stdout);
}

int tabulate(const std::string& path) {
    std::vector<Row> rows;
    for (std::string line; std::getline(std::cin, line);) {
        rows.push_back(parse(line));
    }
    std::puts("| demand | what | figure | | limit | |\n|---|---|---|---|---|---|");
    int missed = 0;
    for (const Row& row : rows) {
        const bool has_limit = row.limit.kind != Limit::Kind::none;
        std::printf("| %s | %s | %s | %s | %s %s | %s |\n", row.demand.c_str(), row.what.c_str(),
                    number(row.figure).c_str(), row.unit.c_str(), sign(row.limit.kind),
                    has_limit ? number(row.limit.value).c_str() : "", verdict(row).c_str());
        missed += row.limit.met(row.figure) ? 0 : 1;
    }
    if (!path.empty()) {
        std::FILE* const out = std::fopen(path.c_str(), "w");
        if (out == nullptr) {
            throw std::runtime_error{"cannot write " + path};
        }
        write_json(out, rows);
        std::fclose(out);
    }
    return missed;
}

} // namespace bench

# SPDX-License-Identifier: MIT
# Draws a terminal's text, with its colours, as an SVG picture. Variables: columns, rows (more lines are left out), command (shown
# above, as it was typed; may be empty).
function colour_of(n,    level, cube) {
    if (n < 16) {
        return basic[n + 1]
    }
    if (n >= 232) {
        return sprintf("#%02x%02x%02x", 8 + (n - 232) * 10, 8 + (n - 232) * 10, 8 + (n - 232) * 10)
    }
    n -= 16
    split("0 95 135 175 215 255", cube, " ")
    return sprintf("#%02x%02x%02x", cube[int(n / 36) + 1], cube[int(n / 6) % 6 + 1], cube[n % 6 + 1])
}
# The text between ESC [ and m.
function set_style(codes,    list, count, i, code, colour) {
    count = split(codes == "" ? "0" : codes, list, ";")
    for (i = 1; i <= count; ++i) {
        code = list[i] + 0
        if (code == 0) {
            front = back = ""
            bold = faint = inverse = 0
        } else if (code == 1) {
            bold = 1
        } else if (code == 2) {
            faint = 1
        } else if (code == 22) {
            bold = faint = 0
        } else if (code == 7) {
            inverse = 1
        } else if (code == 27) {
            inverse = 0
        } else if (code == 39) {
            front = ""
        } else if (code == 49) {
            back = ""
        } else if (code == 38 || code == 48) {
            colour = list[i + 1] == 5 ? colour_of(list[i + 2]) : \
                sprintf("#%02x%02x%02x", list[i + 2], list[i + 3], list[i + 4])
            i += list[i + 1] == 5 ? 2 : 4
            if (code == 38) {
                front = colour
            } else {
                back = colour
            }
        } else if (code >= 30 && code <= 37) {
            front = basic[code - 29]
        } else if (code >= 90 && code <= 97) {
            front = basic[code - 81]
        } else if (code >= 40 && code <= 47) {
            back = basic[code - 39]
        }
    }
}
function width_of(text) {
    gsub(/[\200-\277]/, "", text) # all but the first byte of a character
    return length(text)
}
# A run of text of one style is drawn when the style changes, and at the end of a line.
function put(text) {
    run = run text
}
function end_run(    text) {
    text = run
    run = ""
    if (width_of(text) > 0) {
        draw(text, width_of(text))
    }
}
function draw(text, width,    fill, shade, x, y) {
    fill = inverse ? (back == "" ? paper : back) : (front == "" ? ink : front)
    shade = inverse ? (front == "" ? ink : front) : back
    x = margin + column * cell
    y = margin + row * line
    if (shade != "") {
        printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", x, y, width * cell, line, shade
    }
    column += width
    if (text ~ /^ *$/) {
        return
    }
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    gsub(/ /, "\\&#160;", text)
    printf "<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\" fill=\"%s\"%s%s>%s</text>\n", x, \
        y + line - 4, width * cell, fill, bold ? " font-weight=\"bold\"" : "", faint ? " opacity=\"0.6\"" : "", text
}
BEGIN {
    split("#3b4252 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #d8dee9 #7f848e #ff7b86 #b5e890 #ffd68a #82c7ff #e4a4f5 #7fd5e0 #ffffff", \
        basic, " ")
    paper = "#1e2127"
    ink = "#d8dee9"
    cell = 7.8
    line = 16
    margin = 10
    height = rows * line + (command == "" ? 0 : line) + 2 * margin
    width = columns * cell + 2 * margin
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"DejaVu Sans Mono,Menlo,Consolas,monospace\" font-size=\"13\">\n", \
        width, height, width, height
    printf "<rect width=\"100%%\" height=\"100%%\" rx=\"6\" fill=\"%s\"/>\n", paper
    row = 0
    if (command != "") {
        front = basic[3]
        put("$ " command)
        end_run()
        front = ""
        row = 1
    }
    last = row + rows
}
row < last {
    column = 0
    rest = $0
    while (match(rest, /\033\[[0-9;]*m/)) {
        put(substr(rest, 1, RSTART - 1))
        codes = substr(rest, RSTART + 2, RLENGTH - 3)
        rest = substr(rest, RSTART + RLENGTH)
        if (codes != codes_before) {
            end_run()
        }
        codes_before = codes
        set_style(codes)
    }
    put(rest)
    end_run()
    ++row
}
END {
    print "</svg>"
}

from reportlab.pdfgen import canvas
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from PIL import Image
import io
im=Image.new("RGB",(120,80),(250,220,180))
for x in range(40,80):
    for y in range(20,60): im.putpixel((x,y),(30,90,200))
im.save("p.png")
c=canvas.Canvas("form.pdf",pagesize=(210*mm,297*mm),invariant=1)
c.setTitle("Quiz")
c.setFont("Helvetica",14)
c.drawString(20*mm,270*mm,"1.  12 + 30 =")
c.rect(60*mm,266*mm,30*mm,12*mm)
c.drawString(20*mm,250*mm,"2.  Write your name:")
c.line(75*mm,249*mm,150*mm,249*mm)
c.drawString(20*mm,230*mm,"3.  (              )  A. cat   B. dog")
c.roundRect(60*mm,200*mm,30*mm,14*mm,3*mm)
c.circle(120*mm,207*mm,7*mm)
c.saveState()
p=c.beginPath(); p.circle(50*mm,160*mm,15*mm); c.clipPath(p,stroke=0)
c.drawImage("p.png",30*mm,140*mm,45*mm,40*mm)
c.restoreState()
c.setFillColorRGB(.8,.1,.1); c.rect(100*mm,140*mm,30*mm,20*mm,fill=1,stroke=0)
c.showPage()
c.setPageSize((297*mm,420*mm)); c.setFont("Helvetica",20); c.drawString(20*mm,400*mm,"A3 page"); c.rect(100*mm,300*mm,60*mm,30*mm); c.showPage()
c.save()
from reportlab.lib import pdfencrypt
e=pdfencrypt.StandardEncryption("secret",ownerPassword="o")
c=canvas.Canvas("locked.pdf",encrypt=e); c.drawString(9,9,"x"); c.save()
c=canvas.Canvas("wide.pdf",pagesize=(420*mm,297*mm),invariant=1); c.drawString(9,9,"x"); c.save()

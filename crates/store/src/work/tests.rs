mod attribution;
mod labels;
mod marking;
mod nobodys;
mod order;
mod settling;
mod sqlite;
